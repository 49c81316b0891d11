package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// ReduceSum adds up x over axes, which the result does not have: [2 3 4] over 1
// is [2 4]. Without axes it adds up everything. An empty sum is 0.
func ReduceSum(x *graph.Node, axes ...int) *graph.Node {
	return graph.Apply1(reduceSum{over(x, axes)}, x)
}

type reduceSum struct{ reduction }

func (reduceSum) Name() string { return "reduce-sum" }

// Export implements graph.Exporter.
func (op reduceSum) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{op.export(x, "ReduceSum", in[0])}
}

func (op reduceSum) Infer(in []tensor.Type) ([]tensor.Type, error) { return op.infer(in, numbers) }

func (op reduceSum) Ref(out, in []tensor.Wide) {
	s := in[0].Type.Shape
	fold(op.reduction, s, out[0].F, in[0].F, 0, func(sofar, x float64) float64 { return sofar + x })
	fold(op.reduction, s, out[0].I, in[0].I, 0, func(sofar, x int64) int64 { return sofar + x })
}

// VJP: g, repeated over the reduced axes.
func (op reduceSum) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{op.spread(ct[0], n.In()[0].Shape())}
}

// Kernel implements graph.Kerneled.
func (op reduceSum) Kernel(in, _ []tensor.Type) *kernel.Code {
	return op.kernel(in[0], kernel.ReduceSum)
}

// Fold says how a loop that computes x takes this on: see plan.Folding.
func (op reduceSum) Fold(in tensor.Type) (kernel.ReduceSpec, bool) {
	return op.folding(in, kernel.ReduceSum)
}

// Permute implements graph.Permuter.
func (op reduceSum) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	r, ok := op.permuted(perm)
	return reduceSum{r}, ok
}

// Simplify implements graph.Simplifier: the sum of equal elements is a product.
func (op reduceSum) Simplify(n *graph.Inst) []*graph.Node {
	if v, ok := fillOf(n.In()[0]); ok && n.In()[0].Shape().Size() > 0 && n.Out()[0].DType().Float() {
		times := float64(product(sizesOf(n.In()[0].Shape(), op.Axes.Slice())))
		return []*graph.Node{Like(n.Out()[0], v*times)}
	}
	return op.simplify(n, func(r reduction) graph.Op { return reduceSum{r} })
}

func init() {
	graph.Register(graph.Entry{
		Op:      reduceSum{reduction{List(1)}},
		Doc:     "Σ x over axes",
		Samples: reductionSamples(func(r reduction) graph.Op { return reduceSum{r} }, -1, 1),
	})
}

// reductionSamples are operands for a reduction: an axis outside, inside, at
// the end, several, all, an empty one, and integers.
func reductionSamples(op func(reduction) graph.Op, low, high float64) []graph.Sample {
	ints := tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(3, 4)}
	var samples []graph.Sample
	for _, c := range []struct {
		in   tensor.Type
		axes []int
	}{
		{tensor.F32(3, 5), []int{1}},
		{tensor.F32(5, 3), []int{0}},
		{tensor.F32(2, 3, 4), []int{1}},
		{tensor.F32(2, 3, 2, 3), []int{0, 2}},
		{tensor.F32(2, 1, 3, 1), []int{1, 2, 3}},
		{tensor.F32(3, 1), []int{1}},
		{tensor.F32(17), []int{0}},
		{tensor.F32(2, 0, 3), []int{1}},
		{tensor.F32(0, 3), []int{1}},
		{ints, []int{0}},
	} {
		samples = append(samples, graph.Sample{Of: op(reduction{List(c.axes...)}), In: []tensor.Type{c.in}, Low: low, High: high})
	}
	samples[7].Rough = true // the maximum of nothing is infinite
	samples[len(samples)-1].Low, samples[len(samples)-1].High = -9, 9
	return samples
}
