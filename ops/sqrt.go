package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Sqrt is the square root, NaN below 0.
func Sqrt(x *graph.Node) *graph.Node { return graph.Apply1(sqrt{}, x) }

type sqrt struct{ unaryRules }

func (sqrt) Name() string { return "sqrt" }

// ONNX implements graph.Named.
func (sqrt) ONNX() string { return "Sqrt" }

func (sqrt) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (sqrt) Ref(out, in []tensor.Wide) { each1(out, in, math.Sqrt, nil) }

// VJP: g/(2y).
func (sqrt) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Div(ct[0], Scale(n.Out()[0], 2))}
}

// Permute implements graph.Permuter.
func (op sqrt) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (sqrt) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Sqrt(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  sqrt{},
		Doc: "√x",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: 0.5, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: 0.5, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: 0.5, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: 1e20, High: 1e30, Rough: true},
		},
	})
}
