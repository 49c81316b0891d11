package ops_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// TestNormalizeStandardises: y has mean 0 and variance 1 before scale and bias,
// also far from zero; the statistics are those of a hand calculation.
func TestNormalizeStandardises(t *testing.T) {
	g := graph.New()
	x := g.Constant(tensor.From(tensor.Dims(4, 1), []float32{1001, 1002, 1003, 1006}))
	one, zero := g.Fill(1, tensor.F32(1)), g.Fill(0, tensor.F32(1))
	y, mean, variance := ops.Normalize(x, one, zero, ops.NormDims{Axes: ops.List(0)})
	wantNear(t, values(t, mean), []float64{1003}, 1e-12)
	wantNear(t, values(t, variance), []float64{3.5}, 1e-12)
	s := math.Sqrt(3.5)
	wantNear(t, values(t, y), []float64{-2 / s, -1 / s, 0, 3 / s}, 1e-12)
	wantNear(t, values(t, ops.NormalizeWith(x, mean, variance, one, zero, 0)), values(t, y), 1e-12)
}

// TestNormalizeGradientIsCentred: y does not change when x is shifted or
// stretched, so the gradient is orthogonal to both directions.
func TestNormalizeGradientIsCentred(t *testing.T) {
	g := graph.New()
	x, weights := noise(g, 1, 3, 8), noise(g, 2, 3, 8)
	y, _, _ := ops.Normalize(x, g.Fill(1, tensor.F32(8)), g.Fill(0, tensor.F32(8)), ops.NormDims{Axes: ops.List(-1)})
	dx := graph.Grad(ops.ReduceSum(ops.Mul(y, weights)), x)[0]
	wantNear(t, values(t, ops.ReduceSum(dx, 1)), make([]float64, 3), 1e-12)
	wantNear(t, values(t, ops.ReduceSum(ops.Mul(dx, x), 1)), make([]float64, 3), 1e-12)
}

// TestAbsorb: a convolution and a normalisation take a residual sum and a ReLU
// into themselves, in that order only.
func TestAbsorb(t *testing.T) {
	g := graph.New()
	x, w := noise(g, 1, 1, 3, 3, 2), noise(g, 2, 1, 1, 2, 2)
	one := g.Fill(1, tensor.F32(2))
	norm, _, _ := ops.Normalize(x, one, one, ops.NormDims{Axes: ops.List(0, 1, 2), Eps: 1e-5})
	for _, y := range []*graph.Node{ops.Conv(x, w, nil, ops.ConvDims{}), norm, ops.Conv(x, w, one, ops.ConvDims{})} {
		add := ops.Add(x, y)
		relu := ops.ReLU(add)
		first := absorbed(t, y.Inst(), add.Inst())
		second := absorbed(t, first, relu.Inst())
		wantNear(t, values(t, second.Out()[0]), values(t, relu), 1e-12)
		if _, _, ok := second.Op().(graph.Absorber).Absorb(second, ops.Add(second.Out()[0], x).Inst()); ok {
			t.Errorf("%s absorbs a sum behind its ReLU", second.Op().Name())
		}
		if _, _, ok := y.Op().(graph.Absorber).Absorb(y.Inst(), ops.Add(y, y).Inst()); ok {
			t.Errorf("%s absorbs a sum with itself", y.Op().Name())
		}
	}
}

func absorbed(t *testing.T, n, user *graph.Inst) *graph.Inst {
	t.Helper()
	op, extra, ok := n.Op().(graph.Absorber).Absorb(n, user)
	if !ok {
		t.Fatalf("%s does not absorb %s", n.Op().Name(), user.Op().Name())
	}
	return graph.Apply(op, append(append([]*graph.Node{}, n.In()...), extra...)...)[0].Inst()
}

// TestConvTakesItsBias: what is added to every place alike is the bias of a
// convolution that has none, and a residual sum of one that has.
func TestConvTakesItsBias(t *testing.T) {
	g := graph.New()
	x, w, b := noise(g, 1, 1, 3, 3, 2), noise(g, 2, 1, 1, 2, 2), noise(g, 3, 2)
	for operands, y := range map[int]*graph.Node{3: ops.Conv(x, w, nil, ops.ConvDims{}), 4: ops.Conv(x, w, b, ops.ConvDims{})} {
		add := ops.Add(y, b)
		n := absorbed(t, y.Inst(), add.Inst())
		wantNear(t, values(t, n.Out()[0]), values(t, add), 1e-12)
		if last := n.In()[len(n.In())-1]; len(n.In()) != operands || (last == b) != (operands == 3) {
			t.Errorf("%v of %d operands, want %d", n, len(n.In()), operands)
		}
	}
}

// TestNormalizeGradTakesTheMask: the gradient of a ReLU behind a batch
// normalisation becomes part of the normalisation's.
func TestNormalizeGradTakesTheMask(t *testing.T) {
	g := graph.New()
	x, scale, shift := noise(g, 1, 5, 4), noise(g, 2, 4), noise(g, 3, 4)
	y, _, _ := ops.Normalize(x, scale, shift, ops.NormDims{Axes: ops.List(0), Eps: 1e-5})
	dx := graph.Grad(ops.ReduceSum(ops.Mul(ops.ReLU(y), noise(g, 4, 5, 4))), x)[0]
	easy := dx.Op().(graph.Simplifier).Simplify(dx.Inst())
	if easy == nil || len(easy[0].In()) != len(dx.In())+1 {
		t.Fatalf("%v stays", dx)
	}
	wantNear(t, values(t, easy[0]), values(t, dx), 1e-12)
}
