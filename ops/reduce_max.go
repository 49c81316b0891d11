package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// ReduceMax is the largest element of x over axes, which the result does not
// have; all axes if none is named. NaN wins. The maximum of nothing is -Inf, of
// integers their smallest. The gradient is shared evenly among equal maxima, as
// in PyTorch's amax.
func ReduceMax(x *graph.Node, axes ...int) *graph.Node {
	return graph.Apply1(reduceMax{over(x, axes)}, x)
}

type reduceMax struct{ reduction }

func (reduceMax) Name() string { return "reduce-max" }

// Export implements graph.Exporter.
func (op reduceMax) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{op.export(x, "ReduceMax", in[0])}
}

func (op reduceMax) Infer(in []tensor.Type) ([]tensor.Type, error) { return op.infer(in, numbers) }

func (op reduceMax) Ref(out, in []tensor.Wide) {
	s, less := in[0].Type.Shape, lessInt(in[0])
	fold(op.reduction, s, out[0].F, in[0].F, math.Inf(-1), func(sofar, x float64) float64 { return max(sofar, x) })
	fold(op.reduction, s, out[0].I, in[0].I, lowest(in[0].Type.DType), func(sofar, x int64) int64 {
		if less(sofar, x) {
			return x
		}
		return sofar
	})
}

// VJP: g where x is the maximum, divided by how many such places there are.
func (op reduceMax) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{op.share(ct[0], n)}
}

// share gives g to the elements equal to the result, evenly.
func (r reduction) share(g *graph.Node, n *graph.Inst) *graph.Node {
	x, y := n.In()[0], n.Out()[0]
	s := x.Shape()
	chosen := Convert(Eq(x, r.spread(y, s)), x.DType())
	count := graph.Apply1(reduceSum{r}, chosen)
	return Mul(chosen, r.spread(Div(g, count), s))
}

// Kernel implements graph.Kerneled.
func (op reduceMax) Kernel(in, _ []tensor.Type) *kernel.Code {
	return op.kernel(in[0], kernel.ReduceMax)
}

// Fold says how a loop that computes x takes this on: see plan.Folding.
func (op reduceMax) Fold(in tensor.Type) (kernel.ReduceSpec, bool) {
	return op.folding(in, kernel.ReduceMax)
}

// Permute implements graph.Permuter.
func (op reduceMax) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	r, ok := op.permuted(perm)
	return reduceMax{r}, ok
}

// Simplify implements graph.Simplifier.
func (op reduceMax) Simplify(n *graph.Inst) []*graph.Node {
	return op.simplify(n, func(r reduction) graph.Op { return reduceMax{r} })
}

func init() {
	graph.Register(graph.Entry{
		Op:      reduceMax{reduction{List(1)}},
		Doc:     "max x over axes",
		Samples: reductionSamples(func(r reduction) graph.Op { return reduceMax{r} }, -1, 1),
	})
}
