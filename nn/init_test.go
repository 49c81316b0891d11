package nn_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// TestInitialVariance compares the variance that each paper asks for with what
// is drawn, for a linear weight and for a filter. The bounds are five standard
// errors, with the fourth moment of the distribution.
func TestInitialVariance(t *testing.T) {
	linear, filter := tensor.Dims(300, 200), tensor.Dims(3, 5, 40, 60)
	for _, c := range []struct {
		name           string
		init           nn.Init
		linear, filter float64
		excess         float64 // kurtosis - 1
	}{
		{"xavier-uniform", nn.XavierUniform, 2. / 500, 2. / (15 * 100), 0.8},
		{"xavier-normal", nn.XavierNormal, 2. / 500, 2. / (15 * 100), 2},
		{"kaiming-uniform", nn.KaimingUniform, 2. / 300, 2. / (15 * 40), 0.8},
		{"kaiming-normal", nn.KaimingNormal, 2. / 300, 2. / (15 * 40), 2},
		{"lecun-normal", nn.LeCunNormal, 1. / 300, 1. / (15 * 40), 2},
		{"zeros", nn.Zeros, 0, 0, 0},
	} {
		for shape, want := range map[tensor.Shape]float64{linear: c.linear, filter: c.filter} {
			w := c.init(rng.New(1).Split(c.name), shape).Value.Floats()
			mean, square, n := 0.0, 0.0, float64(len(w))
			for _, v := range w {
				mean += float64(v) / n
				square += float64(v) * float64(v) / n
			}
			if math.Abs(mean) > 5*math.Sqrt(want/n) || math.Abs(square-want) > 5*want*math.Sqrt(c.excess/n) {
				t.Errorf("%s %v: mean %.2g, variance %.5g, want %.5g", c.name, shape, mean, square, want)
			}
		}
	}
}

func TestOnes(t *testing.T) {
	for _, v := range nn.Ones(rng.Stream{}, tensor.Dims(3)).Value.Floats() {
		if v != 1 {
			t.Error(v)
		}
	}
}

// TestOrthogonal multiplies the matrix with its transpose.
func TestOrthogonal(t *testing.T) {
	for _, s := range []tensor.Shape{tensor.Dims(7, 4), tensor.Dims(4, 7), tensor.Dims(2, 3, 5), tensor.Dims(6, 6), tensor.Dims(3)} {
		w := nn.Orthogonal(rng.New(2), s).Value.Floats()
		k := s.Dim(-1)
		m := len(w) / k
		count, length := k, m
		at := func(i, j int) float64 { return float64(w[j*k+i]) }
		if m < k {
			count, length = m, k
			at = func(i, j int) float64 { return float64(w[i*k+j]) }
		}
		for a := range count {
			for b := range count {
				sum, want := 0.0, 0.0
				for j := range length {
					sum += at(a, j) * at(b, j)
				}
				if a == b {
					want = 1
				}
				if math.Abs(sum-want) > 1e-6 {
					t.Errorf("%v: vectors %d and %d have product %g", s, a, b, sum)
				}
			}
		}
	}
}
