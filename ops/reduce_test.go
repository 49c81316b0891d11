package ops_test

import (
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
	"pgregory.net/rapid"
)

// TestReduceChecks runs the checks of operations over drawn axes.
func TestReduceChecks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dims := rapid.SliceOfN(rapid.IntRange(1, 3), 1, 4).Draw(t, "dims")
		axes := rapid.SliceOfNDistinct(rapid.IntRange(-1, len(dims)-2), 0, len(dims), rapid.ID[int]).Draw(t, "axes")
		x := noise(graph.New(), 1, dims...)
		kinds := []func(*graph.Node, ...int) *graph.Node{ops.ReduceSum, ops.ReduceProd, ops.ReduceMax, ops.ReduceMin}
		kit(t, rapid.SampledFrom(kinds).Draw(t, "kind")(x, axes...), -1, 1)
	})
}

// TestReduceMaxSharesTies: equal maxima get equal parts of the gradient.
func TestReduceMaxSharesTies(t *testing.T) {
	g := graph.New()
	x := g.Constant(tensor.From(tensor.Dims(4), []float32{2, 5, 5, 1}))
	wantNear(t, values(t, graph.Grad(ops.ReduceMax(x), x)[0]), []float64{0, 0.5, 0.5, 0}, 0)
}

// TestReduceProdWithZeros: the gradient does not divide by elements.
func TestReduceProdWithZeros(t *testing.T) {
	g := graph.New()
	x := g.Constant(tensor.From(tensor.Dims(3), []float32{0, 3, 5}))
	first := graph.Grad(ops.ReduceProd(x), x)[0]
	wantNear(t, values(t, first), []float64{15, 0, 0}, 0)
	second := graph.Grad(ops.Slice(first, []int{1}, []int{2}, []int{1}), x)[0]
	wantNear(t, values(t, second), []float64{5, 0, 0}, 0)
}

// TestReduceIntegers: integers wrap, uint64 compares without a sign.
func TestReduceIntegers(t *testing.T) {
	g := graph.New()
	b := g.Constant(tensor.From(tensor.Dims(2), []uint8{200, 100}))
	wantNear(t, values(t, ops.ReduceSum(b)), []float64{44}, 0)
	u := g.Constant(tensor.From(tensor.Dims(2), []uint64{1 << 63, 1}))
	wantNear(t, values(t, ops.ArgMax(u, 0)), []float64{0}, 0)
	wantNear(t, values(t, ops.ReduceMin(u)), []float64{1}, 0)
	none := g.Constant(tensor.From(tensor.Dims(0), []int16{}))
	wantNear(t, values(t, ops.ReduceMax(none)), []float64{-1 << 15}, 0)
}

// TestMean: over some axes and over all.
func TestMean(t *testing.T) {
	g := graph.New()
	x := g.Constant(tensor.From(tensor.Dims(2, 2), []float32{1, 2, 3, 6}))
	wantNear(t, values(t, ops.Mean(x, 0)), []float64{2, 4}, 1e-12)
	wantNear(t, values(t, ops.Mean(x)), []float64{3}, 1e-12)
	ops.Mean(g.Constant(tensor.From(tensor.Dims(2), []int32{1, 2})))
	if g.Err() == nil {
		t.Error("the mean of integers is no mistake")
	}
}
