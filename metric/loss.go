package metric

import "math"

// Loss is the mean of -log of the label's probability, in nats. A probability of
// zero counts as the smallest positive float32, so that one sure mistake does
// not make the figure infinite; a NaN stays one.
func Loss(p Predictions) float64 {
	sum := 0.0
	for i, l := range p.Label {
		v := float64(p.Row(i)[l])
		if v <= 0 {
			v = math.SmallestNonzeroFloat32
		}
		sum -= math.Log(v)
	}
	return sum / float64(p.Len())
}

func init() {
	Register(Entry{Name: "loss", Doc: "mean negative log-likelihood of the label, in nats", Lower: true, Of: Loss})
}
