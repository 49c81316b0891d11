package metric

import (
	"math"
	"testing"
)

// TestMcNemar holds the test to sums that can be done by hand, the last by exact
// integers.
func TestMcNemar(t *testing.T) {
	for _, c := range []struct {
		a, b int
		want float64
	}{
		{0, 0, 1}, {3, 3, 1}, {0, 5, 2. / 32}, {1, 5, 2 * 7. / 64}, {8, 2, 2 * 56. / 1024},
		{10, 50, 1.6163814566157e-7},
	} {
		got := McNemar(c.a, c.b)
		if math.Abs(got-c.want) > 1e-4*c.want || McNemar(c.b, c.a) != got {
			t.Errorf("%d against %d: %g, want %g", c.a, c.b, got, c.want)
		}
	}
}
