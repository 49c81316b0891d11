package metric

import "math"

// Wilson is the interval that holds the true share of right answers with the
// given confidence, such as 0.95, after right of n were seen (Wilson, "Probable
// Inference, the Law of Succession, and Statistical Inference", 1927). It is
// [0, 1] for n = 0.
func Wilson(right, n int, confidence float64) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	z := math.Sqrt2 * math.Erfinv(confidence)
	p, m := float64(right)/float64(n), float64(n)
	middle := p + z*z/(2*m)
	half := z * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	scale := 1 + z*z/m
	return max((middle-half)/scale, 0), min((middle+half)/scale, 1)
}
