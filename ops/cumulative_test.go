package ops_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// TestCumulativeForms compares all four ways along an axis with closed forms, by
// the definition and as compiled.
func TestCumulativeForms(t *testing.T) {
	inf := math.Inf(1)
	x := []float32{2, -1, 3, 0.5}
	lse := func(v ...float64) float64 {
		sum := 0.0
		for _, v := range v {
			sum += math.Exp(v)
		}
		return math.Log(sum)
	}
	for name, c := range map[string]struct {
		op   func(*graph.Node, ops.CumDims) *graph.Node
		want [4][]float64 // forwards, backwards, exclusive both ways
	}{
		"sum":  {ops.CumSum, [4][]float64{{2, 1, 4, 4.5}, {4.5, 2.5, 3.5, 0.5}, {0, 2, 1, 4}, {2.5, 3.5, 0.5, 0}}},
		"prod": {ops.CumProd, [4][]float64{{2, -2, -6, -3}, {-3, -1.5, 1.5, 0.5}, {1, 2, -2, -6}, {-1.5, 1.5, 0.5, 1}}},
		"max":  {ops.CumMax, [4][]float64{{2, 2, 3, 3}, {3, 3, 3, 0.5}, {-inf, 2, 2, 3}, {3, 3, 0.5, -inf}}},
		"min":  {ops.CumMin, [4][]float64{{2, -1, -1, -1}, {-1, -1, 0.5, 0.5}, {inf, 2, -1, -1}, {-1, 0.5, 0.5, inf}}},
		"log-sum-exp": {ops.CumLogSumExp, [4][]float64{
			{2, lse(2, -1), lse(2, -1, 3), lse(2, -1, 3, 0.5)}, {lse(2, -1, 3, 0.5), lse(-1, 3, 0.5), lse(3, 0.5), 0.5},
			{-inf, 2, lse(2, -1), lse(2, -1, 3)}, {lse(-1, 3, 0.5), lse(3, 0.5), 0.5, -inf},
		}},
	} {
		for i, want := range c.want {
			g := graph.New()
			leaf := g.Leaf("x", tensor.F32(1, 4))
			y := c.op(leaf, ops.CumDims{Axis: -1, Reverse: i%2 == 1, Exclusive: i >= 2})
			got := ranThreads(t, []*graph.Node{leaf}, y, tensor.From(tensor.Dims(1, 4), x)).Floats()
			for j, w := range want {
				if v := float64(got[j]); v != w && !(math.Abs(v-w) < 1e-6) {
					t.Errorf("%s, way %d: place %d is %v, want %v", name, i, j, v, w)
				}
			}
		}
	}
}

// TestCumProdGradientAtZeros: with a zero among the factors the derivative by it
// is the product of the others, and the second by two of them too.
func TestCumProdGradientAtZeros(t *testing.T) {
	g := graph.New()
	x := g.Constant(tensor.From(tensor.Dims(4), []float64{3, 0, 5, 0}))
	y := ops.CumProd(x, ops.CumDims{})
	first := graph.Grad(y, x)[0]
	wantNear(t, values(t, first), []float64{1, 3 + 3*5, 0, 0}, 1e-12)
	second := graph.Grad(first, x)[0]
	wantNear(t, values(t, second), []float64{1 + 5, 1 + 5 + 3 + 15, 3, 15}, 1e-12)
}

// TestCumLogSumExpGradient: exclusive forms begin with -∞, which neither gives
// nor takes; large numbers do not overflow.
func TestCumLogSumExpGradient(t *testing.T) {
	g := graph.New()
	x := g.Constant(tensor.From(tensor.Dims(3), []float64{1000, 1000, -1000}))
	for _, c := range []struct {
		exclusive bool
		want      []float64
	}{{false, []float64{2, 1, 0}}, {true, []float64{1.5, 0.5, 0}}} {
		y := ops.CumLogSumExp(x, ops.CumDims{Exclusive: c.exclusive})
		finite := ops.Select(ops.IsFinite(y), y, ops.Like(y, 0))
		wantNear(t, values(t, graph.Grad(finite, x)[0]), c.want, 1e-12)
	}
}
