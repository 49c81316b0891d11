package metric

// TopK is the share of examples whose label is among the k most probable
// classes; of equally probable ones the first count.
func TopK(p Predictions, k int) float64 {
	right := 0
	for i, l := range p.Label {
		if row := p.Row(i); Answer(row) >= 0 && rank(row, int(l)) < k {
			right++
		}
	}
	return float64(right) / float64(p.Len())
}

// rank is how many classes come before class in order of probability.
func rank(row []float32, class int) int {
	before := 0
	for k, v := range row {
		if v > row[class] || v == row[class] && k < class {
			before++
		}
	}
	return before
}

func init() {
	Register(Entry{
		Name: "top5", Doc: "share of examples whose label is among the five most probable classes", Fraction: true,
		Defined: func(p Predictions) bool { return p.Classes > 5 },
		Of:      func(p Predictions) float64 { return TopK(p, 5) },
	})
}
