package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Mul is a·b, for numbers; integers wrap around.
func Mul(a, b *graph.Node) *graph.Node { return binary(mul{}, a, b) }

type mul struct{ binaryRules }

func (mul) Name() string { return "mul" }

// ONNX implements graph.Named.
func (mul) ONNX() string { return "Mul" }

func (mul) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, numbers) }

func (mul) Ref(out, in []tensor.Wide) {
	each2(out, in,
		func(x, y float64) float64 { return x * y },
		func(x, y int64) int64 { return x * y })
}

// VJP: (g·b, g·a).
func (mul) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Mul(ct[0], n.In()[1]), Mul(ct[0], n.In()[0])}
}

// Simplify: x·1 is x, x·-1 is -x, and a product with two constants has one. For
// integers x·0 is 0; for floating-point numbers it is not, since x may be
// infinite or NaN.
func (mul) Simplify(n *graph.Inst) []*graph.Node {
	for i, x := range n.In() {
		c := n.In()[1-i]
		switch v, ok := fillOf(c); {
		case !ok:
		case v == 1:
			return []*graph.Node{x}
		case v == -1:
			return []*graph.Node{Neg(x)}
		case v == 0 && !c.DType().Float():
			return []*graph.Node{c}
		case isOp[mul](x) && c.DType().Float():
			return scaled(x, c)
		}
	}
	return foldFills(n)
}

// scaled is the product y times the constant c, with c drawn into a constant
// that y has, or nil if it has none.
func scaled(y, c *graph.Node) []*graph.Node {
	if _, ok := fillOf(y); ok {
		return nil
	}
	for i, inner := range y.In() {
		if _, ok := fillOf(inner); ok {
			return []*graph.Node{Mul(y.In()[1-i], Mul(inner, c))}
		}
	}
	return nil
}

// Permute implements graph.Permuter.
func (op mul) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (mul) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Mul(in[0], in[1]), true
}

// Kernel implements graph.Kerneled.
func (mul) Kernel(in, _ []tensor.Type) *kernel.Code {
	return kernel.Arithmetic(kernel.ArithMul, in[0].DType, in[0].Shape.Size())
}

func init() {
	graph.Register(graph.Entry{
		Op:  mul{},
		Doc: "a·b",
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
