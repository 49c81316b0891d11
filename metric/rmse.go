package metric

import "math"

// RMSE is the root of the mean squared error, in the unit of the target.
func RMSE(v Values) float64 { return math.Sqrt(v.squares() / float64(v.Len())) }

func init() {
	Register(Entry{Name: "rmse", Doc: "root of the mean squared error, in the unit of the target", Lower: true, OfValues: RMSE})
}
