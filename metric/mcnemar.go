package metric

import "math"

// McNemar is the probability of a split of the examples on which two
// classifiers differ that is at least as uneven as onlyA to onlyB, were both
// equally good: the exact two-sided test (McNemar, "Note on the sampling error
// of the difference between correlated proportions or percentages", 1947). It
// is 1 where they do not differ.
func McNemar(onlyA, onlyB int) float64 {
	n := onlyA + onlyB
	if n == 0 {
		return 1
	}
	total, _ := math.Lgamma(float64(n) + 1)
	var tail float64
	for k := range min(onlyA, onlyB) + 1 {
		a, _ := math.Lgamma(float64(k) + 1)
		b, _ := math.Lgamma(float64(n-k) + 1)
		tail += math.Exp(total - a - b - float64(n)*math.Ln2)
	}
	return min(1, 2*tail)
}
