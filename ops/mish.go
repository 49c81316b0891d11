package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Mish is x·tanh(softplus(x)) (Misra, Mish, 2019).
func Mish(x *graph.Node) *graph.Node { return graph.Apply1(mish{}, x) }

type mish struct{ unaryRules }

func (mish) Name() string { return "mish" }

// ONNX implements graph.Named.
func (mish) ONNX() string { return "Mish" }

func (mish) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (mish) Ref(out, in []tensor.Wide) {
	each1(out, in, func(x float64) float64 { return x * math.Tanh(softplusOf(x)) }, nil)
}

// VJP: g·(t+x·(1-t²)·logistic(x)) with t = tanh(softplus(x)).
func (mish) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	t := Tanh(Softplus(x))
	slope := Sub(Like(t, 1), Mul(t, t))
	return []*graph.Node{Mul(ct[0], Add(t, Mul(Mul(x, slope), Logistic(x))))}
}

// Permute implements graph.Permuter.
func (op mish) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (mish) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	x := in[0]
	softplus := e.Add(e.ReLU(x), e.Log1p(e.Exp(e.Neg(e.Abs(x)))))
	return e.Mul(x, e.Tanh(softplus)), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  mish{},
		Doc: "x·tanh(log(1+exp(x)))",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -90, High: 90},
		},
	})
}
