package ops_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
	"pgregory.net/rapid"
)

// TestMaxPoolFirstWins: equal maxima give the gradient to the first, padding
// never wins, and a window of padding alone is -Inf.
func TestMaxPoolFirstWins(t *testing.T) {
	g := graph.New()
	x := g.Constant(tensor.From(tensor.Dims(1, 5, 1), []float32{-3, -3, -5, -1, -1}))
	d := ops.WindowDims{Size: ops.List(2), PadLow: ops.List(1), PadHigh: ops.List(4)}
	y := ops.MaxPool(x, d) // windows: pad -3, -3 -5, -1 -1, pad pad, pad pad
	wantNear(t, values(t, y)[:3], []float64{-3, -3, -1}, 0)
	if last := values(t, y)[3]; !math.IsInf(last, -1) {
		t.Errorf("a window of padding gives %v", last)
	}
	wantNear(t, values(t, graph.Grad(y, x)[0]), []float64{1, 1, 0, 1, 0}, 0)
}

// TestAvgPoolCounts: with and without padding in the count.
func TestAvgPoolCounts(t *testing.T) {
	g := graph.New()
	x := g.Constant(tensor.From(tensor.Dims(1, 3, 1), []float32{2, 4, 6}))
	d := ops.WindowDims{Size: ops.List(2), PadLow: ops.List(1)}
	wantNear(t, values(t, ops.AvgPool(x, d, true)), []float64{1, 5}, 0)
	wantNear(t, values(t, ops.AvgPool(x, d, false)), []float64{2, 5}, 0)
}

// TestPoolChecks runs the checks of operations on drawn pools.
func TestPoolChecks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SliceOfN(rapid.IntRange(1, 3), 1, 2).Draw(t, "size")
		low := rapid.SliceOfN(rapid.IntRange(0, 2), len(size), len(size)).Draw(t, "low")
		high := rapid.SliceOfN(rapid.IntRange(0, 2), len(size), len(size)).Draw(t, "high")
		stride := rapid.SliceOfN(rapid.IntRange(1, 3), len(size), len(size)).Draw(t, "stride")
		dims := []int{2}
		for i := range size {
			dims = append(dims, max(size[i], 1+rapid.IntRange(0, 3).Draw(t, "in")))
		}
		x := noise(graph.New(), 1, append(dims, rapid.IntRange(1, 9).Draw(t, "c"))...)
		d := ops.WindowDims{Size: ops.List(size...), Stride: ops.List(stride...), PadLow: ops.List(low...), PadHigh: ops.List(high...)}
		kinds := []func() *graph.Node{
			func() *graph.Node { return ops.SumPool(x, d) },
			func() *graph.Node { return ops.AvgPool(x, d, false) },
			func() *graph.Node { return ops.AvgPool(x, d, true) },
			func() *graph.Node { return ops.SelectGather(x, x, d) },
		}
		kit(t, rapid.SampledFrom(kinds).Draw(t, "kind")(), -1, 1)
	})
}
