package metric

import "math"

// R2 is the coefficient of determination: 1 - Σ(answer - target)² / Σ(target -
// mean)². It is 1 for perfect answers and 0 for the mean of the targets; it is
// NaN where all targets are equal.
func R2(v Values) float64 {
	mean := 0.0
	for _, t := range v.Target {
		mean += t / float64(v.Len())
	}
	around := 0.0
	for _, t := range v.Target {
		around += (t - mean) * (t - mean)
	}
	if around == 0 {
		return math.NaN()
	}
	return 1 - v.squares()/around
}

func init() {
	Register(Entry{Name: "r2", Doc: "share of the target's variance that the answers explain", OfValues: R2})
}
