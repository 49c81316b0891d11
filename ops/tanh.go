package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Tanh is the hyperbolic tangent.
func Tanh(x *graph.Node) *graph.Node { return graph.Apply1(tanh{}, x) }

type tanh struct{ unaryRules }

func (tanh) Name() string { return "tanh" }

// ONNX implements graph.Named.
func (tanh) ONNX() string { return "Tanh" }

func (tanh) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (tanh) Ref(out, in []tensor.Wide) { each1(out, in, math.Tanh, nil) }

// VJP: g·(1-y²).
func (tanh) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	y := n.Out()[0]
	return []*graph.Node{Sub(ct[0], Mul(ct[0], Mul(y, y)))}
}

// Permute implements graph.Permuter.
func (op tanh) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (tanh) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Tanh(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  tanh{},
		Doc: "tanh(x)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -90, High: 90},
		},
	})
}
