package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// ReduceMin is the smallest element of x over axes, which the result does not
// have; all axes if none is named. NaN wins. The minimum of nothing is +Inf, of
// integers their largest. The gradient is shared evenly among equal minima, as
// in PyTorch's amin.
func ReduceMin(x *graph.Node, axes ...int) *graph.Node {
	return graph.Apply1(reduceMin{over(x, axes)}, x)
}

type reduceMin struct{ reduction }

func (reduceMin) Name() string { return "reduce-min" }

// Export implements graph.Exporter.
func (op reduceMin) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{op.export(x, "ReduceMin", in[0])}
}

func (op reduceMin) Infer(in []tensor.Type) ([]tensor.Type, error) { return op.infer(in, numbers) }

func (op reduceMin) Ref(out, in []tensor.Wide) {
	s, less := in[0].Type.Shape, lessInt(in[0])
	fold(op.reduction, s, out[0].F, in[0].F, math.Inf(1), func(sofar, x float64) float64 { return min(sofar, x) })
	fold(op.reduction, s, out[0].I, in[0].I, highest(in[0].Type.DType), func(sofar, x int64) int64 {
		if less(x, sofar) {
			return x
		}
		return sofar
	})
}

// VJP: g where x is the minimum, divided by how many such places there are.
func (op reduceMin) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{op.share(ct[0], n)}
}

// Kernel implements graph.Kerneled.
func (op reduceMin) Kernel(in, _ []tensor.Type) *kernel.Code {
	return op.kernel(in[0], kernel.ReduceMin)
}

// Fold says how a loop that computes x takes this on: see plan.Folding.
func (op reduceMin) Fold(in tensor.Type) (kernel.ReduceSpec, bool) {
	return op.folding(in, kernel.ReduceMin)
}

// Permute implements graph.Permuter.
func (op reduceMin) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	r, ok := op.permuted(perm)
	return reduceMin{r}, ok
}

// Simplify implements graph.Simplifier.
func (op reduceMin) Simplify(n *graph.Inst) []*graph.Node {
	return op.simplify(n, func(r reduction) graph.Op { return reduceMin{r} })
}

func init() {
	graph.Register(graph.Entry{
		Op:      reduceMin{reduction{List(1)}},
		Doc:     "min x over axes",
		Samples: reductionSamples(func(r reduction) graph.Op { return reduceMin{r} }, -1, 1),
	})
}
