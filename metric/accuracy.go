package metric

// Accuracy is the share of examples whose answer is the label.
func Accuracy(p Predictions) float64 {
	right := 0
	for i, l := range p.Label {
		if Answer(p.Row(i)) == int(l) {
			right++
		}
	}
	return float64(right) / float64(p.Len())
}

func init() {
	Register(Entry{Name: "accuracy", Doc: "share of examples whose most probable class is the label", Fraction: true, Of: Accuracy})
}
