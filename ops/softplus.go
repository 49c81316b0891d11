package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Softplus is log(1+eˣ), a smooth maximum of 0 and x.
func Softplus(x *graph.Node) *graph.Node { return graph.Apply1(softplus{}, x) }

type softplus struct{ unaryRules }

func (softplus) Name() string { return "softplus" }

// ONNX implements graph.Named.
func (softplus) ONNX() string { return "Softplus" }

func (softplus) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (softplus) Ref(out, in []tensor.Wide) { each1(out, in, softplusOf, nil) }

// VJP: g·logistic(x).
func (softplus) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Mul(ct[0], Logistic(n.In()[0]))}
}

// Permute implements graph.Permuter.
func (op softplus) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (softplus) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Add(e.ReLU(in[0]), e.Log1p(e.Exp(e.Neg(e.Abs(in[0]))))), true
}

// softplusOf does not overflow for large x.
func softplusOf(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func init() {
	graph.Register(graph.Entry{
		Op:  softplus{},
		Doc: "log(1+exp(x))",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: 50, High: 90},
			{In: []tensor.Type{tensor.F32(64)}, Low: -90, High: -50},
		},
	})
}
