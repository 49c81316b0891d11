package metric

import "math"

// Point is one threshold of a classifier of one class against the rest.
type Point struct {
	Threshold     float64 // examples with a probability of at least this are taken
	FalsePositive float64 // share of the others that are taken
	TruePositive  float64 // share of the class that is taken
}

// ROC is the receiver operating characteristic of class: one point for each
// different probability, by falling threshold, from (0, 0) to (1, 1). Shares of
// nothing are NaN.
func ROC(p Predictions, class int) []Point {
	s := scores(p, class)
	total := [2]float64{}
	for _, x := range s {
		total[side(x)]++
	}
	points := []Point{{Threshold: math.Inf(1), FalsePositive: 0 / total[0], TruePositive: 0 / total[1]}}
	taken := [2]float64{}
	for i := len(s) - 1; i >= 0; i-- {
		taken[side(s[i])]++
		if i == 0 || s[i-1].value != s[i].value {
			points = append(points, Point{s[i].value, taken[0] / total[0], taken[1] / total[1]})
		}
	}
	return points
}

func side(s score) int {
	if s.positive {
		return 1
	}
	return 0
}
