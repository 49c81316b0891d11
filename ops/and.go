package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// And is logical for bools and bit by bit for integers.
func And(a, b *graph.Node) *graph.Node { return binary(and{}, a, b) }

type and struct{ binaryRules }

func (and) Name() string { return "and" }

// Export implements graph.Exporter.
func (and) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{x.Add(logicName("And", "BitwiseAnd", n), in)}
}

func (and) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, bools|ints) }

func (and) Ref(out, in []tensor.Wide) {
	each2(out, in,
		nil,
		func(x, y int64) int64 { return x & y })
}

// Simplify: x ∧ x is x; with bools, true leaves x and false is false.
func (and) Simplify(n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.In()[1]
	if x == y {
		return []*graph.Node{x}
	}
	return boolean(n, 1)
}

// boolean simplifies a commutative operation on bools: a constant operand that
// is neutral leaves the other, and one that is not is the result.
func boolean(n *graph.Inst, neutral float64) []*graph.Node {
	for i, x := range n.In() {
		c := n.In()[1-i]
		switch v, ok := fillOf(c); {
		case !ok || c.DType() != tensor.Bool:
		case v == neutral:
			return []*graph.Node{x}
		default:
			return []*graph.Node{c}
		}
	}
	return foldFills(n)
}

// Permute implements graph.Permuter.
func (op and) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (and) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.And(in[0], in[1]), true
}

// Kernel implements graph.Kerneled.
func (and) Kernel(in, _ []tensor.Type) *kernel.Code {
	return kernel.Arithmetic(kernel.ArithAnd, in[0].DType, in[0].Shape.Size())
}

func init() {
	graph.Register(graph.Entry{
		Op:  and{},
		Doc: "a ∧ b",
		Samples: []graph.Sample{
			{In: []tensor.Type{{DType: tensor.Bool, Shape: tensor.Dims(33)}, {DType: tensor.Bool, Shape: tensor.Dims(33)}}, Low: 0, High: 2},
			{In: []tensor.Type{{DType: tensor.Int8, Shape: tensor.Dims(64)}, {DType: tensor.Int8, Shape: tensor.Dims(64)}}, Low: -128, High: 128},
			{In: []tensor.Type{{DType: tensor.Uint64, Shape: tensor.Dims(16)}, {DType: tensor.Uint64, Shape: tensor.Dims(16)}}, Low: 0, High: 1 << 64},
			{In: []tensor.Type{{DType: tensor.Bool, Shape: tensor.Dims(0, 3)}, {DType: tensor.Bool, Shape: tensor.Dims(0, 3)}}, Low: 0, High: 2},
		},
	})
}
