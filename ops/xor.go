package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Xor is logical for bools and bit by bit for integers.
func Xor(a, b *graph.Node) *graph.Node { return binary(xor{}, a, b) }

type xor struct{ binaryRules }

func (xor) Name() string { return "xor" }

// Export implements graph.Exporter.
func (xor) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{x.Add(logicName("Xor", "BitwiseXor", n), in)}
}

func (xor) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, bools|ints) }

func (xor) Ref(out, in []tensor.Wide) {
	each2(out, in,
		nil,
		func(x, y int64) int64 { return x ^ y })
}

// Permute implements graph.Permuter.
func (op xor) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (xor) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Ne(in[0], in[1]), true
}

// Kernel implements graph.Kerneled.
func (xor) Kernel(in, _ []tensor.Type) *kernel.Code {
	return kernel.Arithmetic(kernel.ArithXor, in[0].DType, in[0].Shape.Size())
}

func init() {
	graph.Register(graph.Entry{
		Op:  xor{},
		Doc: "a ⊻ b",
		Samples: []graph.Sample{
			{In: []tensor.Type{{DType: tensor.Bool, Shape: tensor.Dims(33)}, {DType: tensor.Bool, Shape: tensor.Dims(33)}}, Low: 0, High: 2},
			{In: []tensor.Type{{DType: tensor.Int8, Shape: tensor.Dims(64)}, {DType: tensor.Int8, Shape: tensor.Dims(64)}}, Low: -128, High: 128},
			{In: []tensor.Type{{DType: tensor.Uint64, Shape: tensor.Dims(16)}, {DType: tensor.Uint64, Shape: tensor.Dims(16)}}, Low: 0, High: 1 << 64},
			{In: []tensor.Type{{DType: tensor.Bool, Shape: tensor.Dims(0, 3)}, {DType: tensor.Bool, Shape: tensor.Dims(0, 3)}}, Low: 0, High: 2},
		},
	})
}
