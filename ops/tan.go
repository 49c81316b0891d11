package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Tan is the tangent of x in radians.
func Tan(x *graph.Node) *graph.Node { return graph.Apply1(tan{}, x) }

type tan struct{ unaryRules }

func (tan) Name() string { return "tan" }

// ONNX implements graph.Named.
func (tan) ONNX() string { return "Tan" }

func (tan) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (tan) Ref(out, in []tensor.Wide) { each1(out, in, math.Tan, nil) }

// VJP: g·(1+y²).
func (tan) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	y := n.Out()[0]
	return []*graph.Node{Add(ct[0], Mul(ct[0], Mul(y, y)))}
}

// Permute implements graph.Permuter.
func (op tan) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (tan) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Div(e.Sin(in[0]), e.Cos(in[0])), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  tan{},
		Doc: "tan(x)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -1.2, High: 1.2},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -1.2, High: 1.2},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -1, High: 1},
			{In: []tensor.Type{tensor.F32(64)}, Low: -100, High: 100, Rough: true},
			{In: []tensor.Type{tensor.F32(64)}, Low: 1.57, High: 1.5715, Rough: true},
		},
	})
}
