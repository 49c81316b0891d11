package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Pow is aᵇ, for numbers; NaN for a < 0 and a broken b. Integers wrap around, and
// with b < 0 the result is cut towards zero; 0 to such a power is the integer of
// all ones.
func Pow(a, b *graph.Node) *graph.Node { return binary(pow{}, a, b) }

type pow struct{ binaryRules }

func (pow) Name() string { return "pow" }

// ONNX implements graph.Named.
func (pow) ONNX() string { return "Pow" }

func (pow) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, numbers) }

func (pow) Ref(out, in []tensor.Wide) {
	each2(out, in,
		math.Pow,
		powerOf(in[0]))
}

// powerOf is the power of integers of w's type.
func powerOf(w tensor.Wide) func(x, y int64) int64 {
	return func(x, y int64) int64 {
		if y < 0 && !unsigned(w) {
			if x != 1 && x != -1 {
				return quotient(w)(1, x)
			}
			y = -y
		}
		p := int64(1)
		for n := uint64(y); n > 0; n >>= 1 {
			if n&1 != 0 {
				p *= x
			}
			x *= x
		}
		return p
	}
}

// VJP: (g·b·aᵇ⁻¹, g·y·log(a)), the second 0 where a is 0.
func (pow) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	a, b := n.In()[0], n.In()[1]
	toBase := Mul(ct[0], Mul(b, Pow(a, Sub(b, Like(b, 1)))))
	log := Log(Select(Eq(a, Like(a, 0)), Like(a, 1), a))
	return []*graph.Node{toBase, Mul(ct[0], Mul(n.Out()[0], log))}
}

// Simplify: x¹ is x, x² is x·x, x³ is x·x·x and x⁻¹ is 1/x. x^½ stays: √x differs
// from it at -0 and -∞.
func (pow) Simplify(n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	switch v, ok := fillOf(n.In()[1]); {
	case !ok:
	case v == 1:
		return []*graph.Node{x}
	case v == 2:
		return []*graph.Node{Mul(x, x)}
	case v == 3:
		return []*graph.Node{Mul(x, Mul(x, x))}
	case v == -1:
		return []*graph.Node{Div(Like(x, 1), x)}
	}
	return foldFills(n)
}

// Permute implements graph.Permuter.
func (op pow) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (pow) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Pow(in[0], in[1]), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  pow{},
		Doc: "aᵇ",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5), tensor.F32(3, 5)}, Low: 0.5, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}, {DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: 0.5, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3), tensor.F32(0, 3)}, Low: 0.5, High: 3},
			{In: []tensor.Type{tensor.F32(64), tensor.F32(64)}, Ranges: [][2]float64{{0.01, 9}, {-5, 5}}, Tol: 1e-5},
			{In: []tensor.Type{{DType: tensor.Int32, Shape: tensor.Dims(64)}, {DType: tensor.Int32, Shape: tensor.Dims(64)}}, Low: -9, High: 9},
			{In: []tensor.Type{{DType: tensor.Uint64, Shape: tensor.Dims(64)}, {DType: tensor.Uint64, Shape: tensor.Dims(64)}}, Low: 0, High: 1 << 64},
		},
	})
}
