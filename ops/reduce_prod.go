package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// ReduceProd multiplies the elements of x over axes, which the result does not
// have; all axes if none is named. An empty product is 1.
func ReduceProd(x *graph.Node, axes ...int) *graph.Node {
	return graph.Apply1(reduceProd{over(x, axes)}, x)
}

type reduceProd struct{ reduction }

func (reduceProd) Name() string { return "reduce-prod" }

// Export implements graph.Exporter.
func (op reduceProd) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{op.export(x, "ReduceProd", in[0])}
}

func (op reduceProd) Infer(in []tensor.Type) ([]tensor.Type, error) { return op.infer(in, numbers) }

func (op reduceProd) Ref(out, in []tensor.Wide) {
	s := in[0].Type.Shape
	fold(op.reduction, s, out[0].F, in[0].F, 1, func(sofar, x float64) float64 { return sofar * x })
	fold(op.reduction, s, out[0].I, in[0].I, 1, func(sofar, x int64) int64 { return sofar * x })
}

// VJP: g times the product of the other elements. No division, so zeros among
// the elements are right, to any order.
func (op reduceProd) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	s := x.Shape()
	mask, _ := axesOf(op.Axes, s.Rank())
	perm := append(named(not(mask), s.Rank()), named(mask, s.Rank())...)
	moved := Transpose(x, perm...) // the reduced axes last
	kept := n.Out()[0].Shape().Size()
	others := moved
	if s.Size() > 0 {
		rows := Reshape(moved, tensor.Dims(kept, s.Size()/kept))
		others = Reshape(othersProduct(rows), moved.Shape())
	}
	others = Transpose(others, inverse(perm)...)
	return []*graph.Node{Mul(op.spread(ct[0], s), others)}
}

// othersProduct is, for each element of a row, the product of the others:
// [R C] → [R C]. Elements are paired across the halves of the row; the product
// of the others is the partner times the product of the other pairs.
func othersProduct(x *graph.Node) *graph.Node {
	rows, cols := x.Shape().Dim(0), x.Shape().Dim(1)
	if cols == 1 {
		return Like(x, 1)
	}
	half := (cols + 1) / 2
	left := columns(x, 0, half)
	right := columns(x, half, cols)
	if cols%2 == 1 {
		one := x.Graph().Fill(1, tensor.Type{DType: x.DType(), Shape: tensor.Dims(rows, 1)})
		right = Concatenate(1, right, one)
	}
	pairs := othersProduct(Mul(left, right))
	return columns(Concatenate(1, Mul(pairs, right), Mul(pairs, left)), 0, cols)
}

// columns is columns from to limit of a matrix.
func columns(x *graph.Node, from, limit int) *graph.Node {
	if from == 0 && limit == x.Shape().Dim(1) {
		return x
	}
	return Slice(x, []int{0, from}, []int{x.Shape().Dim(0), limit}, nil)
}

// Kernel implements graph.Kerneled.
func (op reduceProd) Kernel(in, _ []tensor.Type) *kernel.Code {
	return op.kernel(in[0], kernel.ReduceProd)
}

// Fold says how a loop that computes x takes this on: see plan.Folding.
func (op reduceProd) Fold(in tensor.Type) (kernel.ReduceSpec, bool) {
	return op.folding(in, kernel.ReduceProd)
}

// Permute implements graph.Permuter.
func (op reduceProd) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	r, ok := op.permuted(perm)
	return reduceProd{r}, ok
}

// Simplify implements graph.Simplifier.
func (op reduceProd) Simplify(n *graph.Inst) []*graph.Node {
	return op.simplify(n, func(r reduction) graph.Op { return reduceProd{r} })
}

func init() {
	graph.Register(graph.Entry{
		Op:      reduceProd{reduction{List(1)}},
		Doc:     "Π x over axes",
		Samples: reductionSamples(func(r reduction) graph.Op { return reduceProd{r} }, 0.5, 1.5),
	})
}
