package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Sub is a - b, for numbers; integers wrap around.
func Sub(a, b *graph.Node) *graph.Node { return binary(sub{}, a, b) }

type sub struct{ binaryRules }

func (sub) Name() string { return "sub" }

// ONNX implements graph.Named.
func (sub) ONNX() string { return "Sub" }

func (sub) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, numbers) }

func (sub) Ref(out, in []tensor.Wide) {
	each2(out, in,
		func(x, y float64) float64 { return x - y },
		func(x, y int64) int64 { return x - y })
}

// VJP: (g, -g).
func (sub) VJP(ct []*graph.Node, _ *graph.Inst) []*graph.Node {
	return []*graph.Node{ct[0], Neg(ct[0])}
}

// Simplify: x - 0 is x, 0 - y is -y, and x - -y is x + y.
func (sub) Simplify(n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.In()[1]
	switch {
	case isFill(y, 0):
		return []*graph.Node{x}
	case isFill(x, 0):
		return []*graph.Node{Neg(y)}
	case isOp[neg](y):
		return []*graph.Node{Add(x, y.In()[0])}
	}
	return foldFills(n)
}

// Permute implements graph.Permuter.
func (op sub) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (sub) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Sub(in[0], in[1]), true
}

// Kernel implements graph.Kerneled.
func (sub) Kernel(in, _ []tensor.Type) *kernel.Code {
	return kernel.Arithmetic(kernel.ArithSub, in[0].DType, in[0].Shape.Size())
}

func init() {
	graph.Register(graph.Entry{
		Op:  sub{},
		Doc: "a - b",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5), tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}, {DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3), tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Int8, Shape: tensor.Dims(64)}, {DType: tensor.Int8, Shape: tensor.Dims(64)}}, Low: -128, High: 128},
			{In: []tensor.Type{{DType: tensor.Int64, Shape: tensor.Dims(16)}, {DType: tensor.Int64, Shape: tensor.Dims(16)}}, Low: -1 << 62, High: 1 << 62},
			{In: []tensor.Type{{DType: tensor.Uint64, Shape: tensor.Dims(16)}, {DType: tensor.Uint64, Shape: tensor.Dims(16)}}, Low: 0, High: 1 << 64},
		},
	})
}
