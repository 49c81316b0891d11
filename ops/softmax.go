package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Softmax turns x along axis into shares that add up to one: exp(x)/Σexp(x).
func Softmax(x *graph.Node, axis int) *graph.Node {
	return graph.Apply1(softmax{alongAxis(x, axis)}, x)
}

type softmax struct{ along }

func (softmax) Name() string { return "softmax" }

// Export implements graph.Exporter.
func (op softmax) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{x.Add("Softmax", in, graph.Attribute{Name: "axis", Value: op.Axis})}
}

func (op softmax) Ref(out, in []tensor.Wide) {
	op.rows(in[0].Type.Shape, func(at func(int) int, size int) {
		top, sum := logSumExp(in[0].F, at, size)
		for i := range size {
			out[0].F[at(i)] = math.Exp(in[0].F[at(i)]-top) / sum
		}
	})
}

// VJP: y ⊙ (g - Σ g ⊙ y).
func (op softmax) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{graph.Apply1(softmaxGrad(op), ct[0], n.Out()[0])}
}

// Kernel implements graph.Kerneled.
func (op softmax) Kernel(in, _ []tensor.Type) *kernel.Code {
	if rows, n, ok := op.matrix(in[0]); ok {
		return kernel.Softmax(rows, n, false)
	}
	return nil
}

// InPlace implements graph.InPlace.
func (softmax) InPlace() [][2]int { return [][2]int{{0, 0}} }

// Permute implements graph.Permuter.
func (op softmax) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	return softmax{op.permuted(perm)}, true
}

// Simplify implements graph.Simplifier: other axes are brought to the end.
func (op softmax) Simplify(n *graph.Inst) []*graph.Node {
	return op.atTheEnd(n, func(a along) graph.Op { return softmax{a} })
}

func init() {
	graph.Register(graph.Entry{
		Op:      softmax{along{1}},
		Doc:     "exp(x)/Σexp(x) along an axis",
		Samples: alongSamples(func(a along) graph.Op { return softmax{a} }, 1),
	})
}

// along is what softmax and its kin share: the axis they work along.
type along struct{ Axis int }

func alongAxis(x *graph.Node, axis int) along { return along(chooseOver(x, axis)) }

// Infer implements graph.Op: operands of one type, which is the result's.
func (a along) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if len(in) == 0 || a.Axis < 0 || a.Axis >= in[0].Shape.Rank() {
		return nil, fmt.Errorf("no axis %d", a.Axis)
	}
	return same(in, len(in), floats)
}

// FLOPs implements graph.Costed: maximum, exponential, sum and quotient, with
// an exponential counted as one.
func (along) FLOPs(in, _ []tensor.Type) int64 { return 4 * int64(in[0].Shape.Size()) }

// rows calls do for each row along the axis: at is the offset of its elements.
func (a along) rows(s tensor.Shape, do func(at func(int) int, size int)) {
	outer, size, inner := split(s, a.Axis)
	for o := range outer {
		for i := range inner {
			do(func(j int) int { return (o*size+j)*inner + i }, size)
		}
	}
}

// matrix sees operands as [rows n] with the axis last; ok is false where there
// is no kernel.
func (a along) matrix(t tensor.Type) (rows, n int, ok bool) {
	rows, n, inner := split(t.Shape, a.Axis)
	return rows, n, inner == 1 && n > 0 && t.DType == tensor.Float32
}

// permuted is along the axis that lies at this one after a transposition.
func (a along) permuted(perm []int) along { return along{perm[a.Axis]} }

// total adds up x along the axis and repeats the sum there.
func (a along) total(x *graph.Node) *graph.Node {
	sum := over(x, []int{a.Axis})
	return sum.spread(graph.Apply1(reduceSum{sum}, x), x.Shape())
}

// atTheEnd is the operation between transpositions that bring its axis to the
// end, or nil where it is there: op makes the operation of its kind.
func (a along) atTheEnd(n *graph.Inst, op func(along) graph.Op) []*graph.Node {
	s := n.In()[0].Shape()
	last := s.Rank() - 1
	if _, _, inner := split(s, a.Axis); inner == 1 {
		if a.Axis == last {
			return nil
		}
	}
	perm := numbered(0, s.Rank())
	perm[a.Axis], perm[last] = last, a.Axis
	in := make([]*graph.Node, len(n.In()))
	for i, x := range n.In() {
		in[i] = Transpose(x, perm...)
	}
	return []*graph.Node{Transpose(graph.Apply1(op(along{last}), in...), perm...)}
}

// logSumExp is the largest element of a row and Σ exp(x - largest), so that exp
// cannot overflow.
func logSumExp(x []float64, at func(int) int, size int) (top, sum float64) {
	top = math.Inf(-1)
	for i := range size {
		top = max(top, x[at(i)])
	}
	for i := range size {
		sum += math.Exp(x[at(i)] - top)
	}
	return top, sum
}

// alongSamples are operands, n of one type each.
func alongSamples(op func(along) graph.Op, n int) []graph.Sample {
	sample := func(axis int, low, high float64, dims ...int) graph.Sample {
		s := graph.Sample{Of: op(along{axis}), Low: low, High: high}
		for range n {
			s.In = append(s.In, tensor.F32(dims...))
		}
		return s
	}
	return []graph.Sample{
		sample(1, -4, 4, 3, 5),
		sample(1, -4, 4, 2, 1),
		sample(0, -4, 4, 19),
		sample(1, -2, 2, 2, 3, 2),
		sample(1, -4, 4, 0, 5),
	}
}
