package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Sin is the sine of x in radians.
func Sin(x *graph.Node) *graph.Node { return graph.Apply1(sin{}, x) }

type sin struct{ unaryRules }

func (sin) Name() string { return "sin" }

// ONNX implements graph.Named.
func (sin) ONNX() string { return "Sin" }

func (sin) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (sin) Ref(out, in []tensor.Wide) { each1(out, in, math.Sin, nil) }

// VJP: g·cos(x).
func (sin) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Mul(ct[0], Cos(n.In()[0]))}
}

// Permute implements graph.Permuter.
func (op sin) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (sin) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Sin(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  sin{},
		Doc: "sin(x)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -100, High: 100},
		},
	})
}
