package optim_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/tensor"
	"pgregory.net/rapid"
)

// TestLBFGSFindsMinima starts Rosenbrock's function in many places: the minimum
// is at (1, 1).
func TestLBFGSFindsMinima(t *testing.T) {
	rosenbrock := problemOf(t, "Rosenbrock")
	rapid.Check(t, func(t *rapid.T) {
		x := []float64{rapid.Float64Range(-3, 3).Draw(t, "x"), rapid.Float64Range(-3, 3).Draw(t, "y")}
		m, err := optim.LBFGS{Iterations: 200, Change: 1e-14}.Minimize(context.Background(), x, rosenbrock.objective())
		if err != nil || apart(x, []float64{1, 1}) > 1e-5 || !m.Converged || m.Value > 1e-12 {
			t.Fatalf("%v, %+v, %v", x, m, err)
		}
	})
}

// TestLBFGSNeverRises draws convex quadratics, also badly scaled ones: a line
// search never ends above where it began.
func TestLBFGSNeverRises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "n")
		scale := rapid.SliceOfN(rapid.Float64Range(-4, 4), n, n).Draw(t, "scale")
		x := rapid.SliceOfN(rapid.Float64Range(-10, 10), n, n).Draw(t, "x")
		f := func(_ context.Context, x, grad []float64) (float64, error) {
			sum := 0.0
			for i, v := range x {
				a := math.Pow(10, scale[i])
				sum += a * v * v / 2
				grad[i] = a * v
			}
			return sum, nil
		}
		last := math.Inf(1)
		for k := 1; k <= 12; k++ {
			y := append([]float64{}, x...)
			m, err := optim.LBFGS{Iterations: k}.Minimize(context.Background(), y, f)
			if err != nil || m.Value > last {
				t.Fatalf("%v after iteration %d, %v before: %v", m.Value, k, last, err)
			}
			last = m.Value
		}
	})
}

// TestLBFGSFaults has functions that fail, that are not finite at the start and
// on the way, and a context that ends.
func TestLBFGSFaults(t *testing.T) {
	broken := errors.New("broken")
	square := func(x, grad []float64) float64 {
		grad[0] = 2 * x[0]
		return x[0] * x[0]
	}
	for _, fail := range []int{1, 2} {
		calls, x := 0, []float64{4}
		_, err := optim.LBFGS{}.Minimize(t.Context(), x, func(_ context.Context, x, grad []float64) (float64, error) {
			if calls++; calls == fail {
				return 0, broken
			}
			return square(x, grad), nil
		})
		if !errors.Is(err, broken) || x[0] != 4 {
			t.Errorf("call %d fails: x %v, %v", fail, x, err)
		}
	}
	x := []float64{math.NaN()}
	if _, err := (optim.LBFGS{}).Minimize(t.Context(), x, func(_ context.Context, x, grad []float64) (float64, error) { return square(x, grad), nil }); err == nil {
		t.Error("NaN at the start is no error")
	}
	// A wall: the value is infinite for x < 0.9, the minimum behind it.
	x = []float64{4}
	m, err := optim.LBFGS{}.Minimize(t.Context(), x, func(_ context.Context, x, grad []float64) (float64, error) {
		if x[0] < 0.9 {
			grad[0] = math.NaN()
			return math.Inf(1), nil
		}
		return square(x, grad), nil
	})
	if err != nil || !(x[0] >= 0.9 && x[0] < 4) || m.Value != x[0]*x[0] {
		t.Errorf("at a wall: x %v, %+v, %v", x, m, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (optim.LBFGS{}).Minimize(ctx, x, func(_ context.Context, x, grad []float64) (float64, error) { return square(x, grad), nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled minimisation: %v", err)
	}
}

func ExampleLBFGS() {
	x := []float64{-1.2, 1}
	m, err := optim.LBFGS{Iterations: 100}.Minimize(context.Background(), x, func(_ context.Context, x, grad []float64) (float64, error) {
		d := x[1] - x[0]*x[0]
		grad[0], grad[1] = -400*x[0]*d-2*(1-x[0]), 200*d
		return 100*d*d + (1-x[0])*(1-x[0]), nil
	})
	fmt.Printf("%.4f %v %v\n", x, m.Converged, err)
	// Output: [1.0000 1.0000] true <nil>
}

// TestVectorReadsWhatItWrote goes there and back over tensors of several shapes.
func TestVectorReadsWhatItWrote(t *testing.T) {
	v := optim.Vector{tensor.New(tensor.F32(2, 3)), tensor.New(tensor.F32()), tensor.New(tensor.F32(0)), tensor.New(tensor.F32(4))}
	in, out := make([]float64, v.Len()), make([]float64, v.Len())
	for i := range in {
		in[i] = float64(i) + 0.5
	}
	v.Write(in)
	v.Read(out)
	if v.Len() != 11 || apart(out, in) != 0 || v[3].Floats()[0] != 7.5 {
		t.Errorf("%d elements: %v", v.Len(), out)
	}
}
