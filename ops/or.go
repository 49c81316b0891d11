package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Or is logical for bools and bit by bit for integers.
func Or(a, b *graph.Node) *graph.Node { return binary(or{}, a, b) }

type or struct{ binaryRules }

func (or) Name() string { return "or" }

// Export implements graph.Exporter.
func (or) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{x.Add(logicName("Or", "BitwiseOr", n), in)}
}

func (or) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, bools|ints) }

func (or) Ref(out, in []tensor.Wide) {
	each2(out, in,
		nil,
		func(x, y int64) int64 { return x | y })
}

// Simplify: x ∨ x is x; with bools, false leaves x and true is true.
func (or) Simplify(n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.In()[1]
	if x == y {
		return []*graph.Node{x}
	}
	return boolean(n, 0)
}

// Permute implements graph.Permuter.
func (op or) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (or) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Or(in[0], in[1]), true
}

// Kernel implements graph.Kerneled.
func (or) Kernel(in, _ []tensor.Type) *kernel.Code {
	return kernel.Arithmetic(kernel.ArithOr, in[0].DType, in[0].Shape.Size())
}

func init() {
	graph.Register(graph.Entry{
		Op:  or{},
		Doc: "a ∨ b",
		Samples: []graph.Sample{
			{In: []tensor.Type{{DType: tensor.Bool, Shape: tensor.Dims(33)}, {DType: tensor.Bool, Shape: tensor.Dims(33)}}, Low: 0, High: 2},
			{In: []tensor.Type{{DType: tensor.Int8, Shape: tensor.Dims(64)}, {DType: tensor.Int8, Shape: tensor.Dims(64)}}, Low: -128, High: 128},
			{In: []tensor.Type{{DType: tensor.Uint64, Shape: tensor.Dims(16)}, {DType: tensor.Uint64, Shape: tensor.Dims(16)}}, Low: 0, High: 1 << 64},
			{In: []tensor.Type{{DType: tensor.Bool, Shape: tensor.Dims(0, 3)}, {DType: tensor.Bool, Shape: tensor.Dims(0, 3)}}, Low: 0, High: 2},
		},
	})
}
