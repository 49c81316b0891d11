package metric

import "math"

// MAE is the mean absolute error, in the unit of the target.
func MAE(v Values) float64 {
	sum := 0.0
	for i, t := range v.Target {
		sum += math.Abs(v.Answer[i] - t)
	}
	return sum / float64(v.Len())
}

func init() {
	Register(Entry{Name: "mae", Doc: "mean absolute error, in the unit of the target", Lower: true, OfValues: MAE})
}
