package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Sinh is the hyperbolic sine, (eˣ-e⁻ˣ)/2.
func Sinh(x *graph.Node) *graph.Node { return graph.Apply1(sinh{}, x) }

type sinh struct{ unaryRules }

func (sinh) Name() string { return "sinh" }

// ONNX implements graph.Named.
func (sinh) ONNX() string { return "Sinh" }

func (sinh) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (sinh) Ref(out, in []tensor.Wide) { each1(out, in, math.Sinh, nil) }

// VJP: g·cosh(x).
func (sinh) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Mul(ct[0], Cosh(n.In()[0]))}
}

// Permute implements graph.Permuter.
func (op sinh) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise: with a = |x| and t = eᵃ-1 the result is
// (t+t/(t+1))/2 for small a, which loses no digits, and eᵃ/2-e⁻ᵃ/2 for others,
// by way of e^(a/2), which is finite wherever the result is.
func (sinh) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	a, half := e.Abs(in[0]), e.Imm(0.5)
	t := e.Expm1(a)
	small := e.Mul(half, e.Add(t, e.Div(t, e.Add(t, e.Imm(1)))))
	r := e.Exp(e.Mul(a, half))
	large := e.Sub(e.Mul(e.Mul(half, r), r), e.Div(e.Div(half, r), r))
	return e.Mul(e.Sign(in[0]), e.Select(e.Lt(a, e.Imm(1)), small, large)), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  sinh{},
		Doc: "(exp(x)-exp(-x))/2",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -1e-6, High: 1e-6},
			{In: []tensor.Type{tensor.F32(64)}, Low: -89, High: 89},
		},
	})
}
