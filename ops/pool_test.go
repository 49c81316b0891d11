package ops_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
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

// TestWindowsFarLarger: a window that is almost all padding takes the time and
// memory of what it covers, not of its size.
func TestWindowsFarLarger(t *testing.T) {
	const far = 1 << 29
	g := graph.New()
	x := g.Constant(tensor.From(tensor.Dims(1, 2, 2, 1), []float32{1, 2, 3, 4}))
	d := ops.WindowDims{Size: ops.List(far, far), PadLow: ops.List(far, far)}
	if v := values(t, ops.MaxPool(x, d)); !math.IsInf(v[0], -1) {
		t.Errorf("the maximum of padding is %v", v)
	}
	run(t, ops.MaxPool(x, d), math.Inf(-1))
	run(t, ops.SumPool(x, d), 0)
	wantNear(t, values(t, ops.AvgPool(x, d, false)), []float64{0}, 0)
	d.PadLow = ops.List(far-2, far-2)
	sum := ops.SumPool(x, d)
	wantNear(t, values(t, sum), []float64{10}, 0)
	run(t, sum, 10)
	wantNear(t, values(t, ops.AvgPool(x, d, true)), []float64{10.0 / far / far}, 0)
	wantNear(t, values(t, graph.Grad(ops.MaxPool(x, d), x)[0]), []float64{0, 0, 0, 1}, 0)
}

// run holds the kernel of y, a constant's pool of one element, to a value.
func run(t *testing.T, y *graph.Node, want float64) {
	t.Helper()
	out := make([]float32, 16)[:1]
	x := y.In()[0].Op().(*graph.Const).Value.Clone()
	code := y.Op().(graph.Kerneled).Kernel(y.Inst().InTypes(), y.Inst().OutTypes())
	if code.Local > 1<<10 {
		t.Fatalf("%v takes %d bytes of scratch", y, code.Local)
	}
	a := kernel.Args{In: []kernel.Memory{x.Bytes()}, Out: []kernel.Memory{tensor.From(tensor.Dims(1), out).Bytes()}}
	code.Phases[0].Run(&a, 0, make(kernel.Memory, code.Local))
	if out[0] != float32(want) {
		t.Errorf("%v is %v, want %v", y, out[0], want)
	}
}
