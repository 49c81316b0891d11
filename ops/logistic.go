package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Logistic is the logistic function 1/(1+e⁻ˣ), also called sigmoid.
func Logistic(x *graph.Node) *graph.Node { return graph.Apply1(logistic{}, x) }

type logistic struct{ unaryRules }

func (logistic) Name() string { return "logistic" }

// ONNX implements graph.Named.
func (logistic) ONNX() string { return "Sigmoid" }

func (logistic) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (logistic) Ref(out, in []tensor.Wide) { each1(out, in, sigmoid, nil) }

// VJP: g·y·(1-y).
func (logistic) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	y := n.Out()[0]
	return []*graph.Node{Mul(ct[0], Sub(y, Mul(y, y)))}
}

// Permute implements graph.Permuter.
func (op logistic) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (logistic) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Logistic(in[0]), true
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func init() {
	graph.Register(graph.Entry{
		Op:  logistic{},
		Doc: "1/(1+exp(-x))",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -100, High: 100},
		},
	})
}
