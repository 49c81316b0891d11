package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Cos is the cosine of x in radians.
func Cos(x *graph.Node) *graph.Node { return graph.Apply1(cos{}, x) }

type cos struct{ unaryRules }

func (cos) Name() string { return "cos" }

// ONNX implements graph.Named.
func (cos) ONNX() string { return "Cos" }

func (cos) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (cos) Ref(out, in []tensor.Wide) { each1(out, in, math.Cos, nil) }

// VJP: -g·sin(x).
func (cos) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Neg(Mul(ct[0], Sin(n.In()[0])))}
}

// Permute implements graph.Permuter.
func (op cos) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (cos) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Cos(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  cos{},
		Doc: "cos(x)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -100, High: 100},
		},
	})
}
