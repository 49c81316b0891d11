package ops_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// drawGather draws a use of GatherDims: each axis of x is of a batch, indexed or
// neither, collapsed or not, and slices lie anywhere in the result.
func drawGather(r *rapid.T) (d ops.GatherDims, x, indices tensor.Shape) {
	var axes, size, collapsed, batchX, batchI, xs, is []int
	window := 0
	for a := range rapid.IntRange(1, 4).Draw(r, "rank") {
		n := rapid.IntRange(1, 5).Draw(r, "size")
		xs, size = append(xs, n), append(size, 1)
		switch rapid.SampledFrom([]string{"batch", "collapsed", "indexed", "whole"}).Draw(r, "role") {
		case "batch":
			batchX, batchI = append(batchX, a), append(batchI, len(is))
			is = append(is, rapid.IntRange(1, n).Draw(r, "places"))
		case "collapsed":
			axes, collapsed = append(axes, a), append(collapsed, a)
		case "indexed":
			axes, size[a] = append(axes, a), rapid.IntRange(1, n).Draw(r, "slice")
			window++
		case "whole":
			size[a] = rapid.IntRange(1, n).Draw(r, "slice")
			window++
		}
	}
	if rapid.Bool().Draw(r, "more") {
		is = append(is, rapid.IntRange(1, 6).Draw(r, "indices"))
	}
	axes = rapid.Permutation(axes).Draw(r, "axes")
	var all []int
	for i := range window + len(is) {
		all = append(all, i)
	}
	offset := rapid.Permutation(all).Draw(r, "offset")[:window]
	slices.Sort(offset)
	d = ops.GatherDims{
		Axes: ops.List(axes...), Size: ops.List(size...), Collapsed: ops.List(collapsed...), Offset: ops.List(offset...),
		BatchX: ops.List(batchX...), BatchIndices: ops.List(batchI...),
	}
	return d, tensor.Dims(xs...), tensor.Dims(append(is, len(axes))...)
}

// TestGatherKernels holds the kernels of gather and scatter to the definitions
// whatever the dims.
func TestGatherKernels(t *testing.T) {
	pool := exec.NewPool(2)
	defer pool.Close()
	rapid.Check(t, func(r *rapid.T) {
		d, xs, is := drawGather(r)
		x := drawn(tensor.Type{DType: tensor.Float32, Shape: xs}, -3, 3, 1)
		ids := drawn(tensor.Type{DType: rapid.SampledFrom([]tensor.DType{tensor.Int32, tensor.Int64}).Draw(r, "ids"), Shape: is}, -2, 7, 2)
		g := graph.New()
		leaves := []*graph.Node{g.Leaf("x", x.Type()), g.Leaf("ids", ids.Type())}
		y := ops.Gather(leaves[0], leaves[1], d)
		out := []*graph.Node{y, ops.Scatter(leaves[0], leaves[1], ops.Mul(y, y), d, ops.CombineAdd), ops.Scatter(leaves[0], leaves[1], ops.Neg(y), d, ops.CombineUpdate)}
		f, err := graph.NewFunc("f", leaves, out)
		if err != nil {
			r.Fatal(err)
		}
		fn, err := exec.Compile(f, pool, plan.Options{})
		if err != nil {
			r.Fatal(err)
		}
		got, err := fn.Call(t.Context(), x, ids)
		if err != nil {
			r.Fatal(err)
		}
		for i, want := range graph.Eval(f, []tensor.Wide{tensor.Widen(x), tensor.Widen(ids)}) {
			if err := closeTo(tensor.Widen(got[i]), want, 1e-5); err != nil {
				r.Errorf("%+v of %v by %v: result %d: %v", d, xs, is, i, err)
			}
		}
	})
}
