package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Cosh is the hyperbolic cosine, (eˣ+e⁻ˣ)/2.
func Cosh(x *graph.Node) *graph.Node { return graph.Apply1(cosh{}, x) }

type cosh struct{ unaryRules }

func (cosh) Name() string { return "cosh" }

// ONNX implements graph.Named.
func (cosh) ONNX() string { return "Cosh" }

func (cosh) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (cosh) Ref(out, in []tensor.Wide) { each1(out, in, math.Cosh, nil) }

// VJP: g·sinh(x).
func (cosh) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Mul(ct[0], Sinh(n.In()[0]))}
}

// Permute implements graph.Permuter.
func (op cosh) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise, by way of e^(|x|/2), which is finite
// wherever the result is.
func (cosh) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	half := e.Imm(0.5)
	r := e.Exp(e.Mul(e.Abs(in[0]), half))
	return e.Add(e.Mul(e.Mul(half, r), r), e.Div(e.Div(half, r), r)), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  cosh{},
		Doc: "(exp(x)+exp(-x))/2",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -89, High: 89},
		},
	})
}
