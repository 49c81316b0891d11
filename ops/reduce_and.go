package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// ReduceAnd says whether every element of the bools x is true over axes, which the
// result does not have; all axes if none is named.
func ReduceAnd(x *graph.Node, axes ...int) *graph.Node {
	return graph.Apply1(reduceAnd{over(x, axes)}, x)
}

type reduceAnd struct{ reduction }

func (reduceAnd) Name() string { return "reduce-and" }

// Export implements graph.Exporter.
func (op reduceAnd) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	y := op.export(x, "ReduceMin", x.Add("Cast", in, graph.Attribute{Name: "to", Value: tensor.Uint8}))
	return []string{x.Add("Cast", []string{y}, graph.Attribute{Name: "to", Value: tensor.Bool})}
}

func (op reduceAnd) Infer(in []tensor.Type) ([]tensor.Type, error) { return op.infer(in, bools) }

func (op reduceAnd) Ref(out, in []tensor.Wide) {
	fold(op.reduction, in[0].Type.Shape, out[0].I, in[0].I, highest(tensor.Bool), func(sofar, x int64) int64 { return sofar & x })
}

// Kernel implements graph.Kerneled.
func (op reduceAnd) Kernel(in, _ []tensor.Type) *kernel.Code {
	return op.kernel(in[0], kernel.ReduceAnd)
}

// Permute implements graph.Permuter.
func (op reduceAnd) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	r, ok := op.permuted(perm)
	return reduceAnd{r}, ok
}

// Simplify implements graph.Simplifier.
func (op reduceAnd) Simplify(n *graph.Inst) []*graph.Node {
	return op.simplify(n, func(r reduction) graph.Op { return reduceAnd{r} })
}

func init() {
	bits := func(dims ...int) []tensor.Type {
		return []tensor.Type{{DType: tensor.Bool, Shape: tensor.Dims(dims...)}}
	}
	graph.Register(graph.Entry{
		Op:  reduceAnd{reduction{List(1)}},
		Doc: "whether every x is true over axes",
		Samples: []graph.Sample{
			{In: bits(5, 2), Low: 0, High: 2},
			{In: bits(4, 0), Low: 0, High: 2},
			{Of: reduceAnd{reduction{List(0, 2)}}, In: bits(2, 3, 2), Low: 0, High: 2},
		},
	})
}
