package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Atanh is the number whose hyperbolic tangent is x: infinite at ±1, NaN beyond.
func Atanh(x *graph.Node) *graph.Node { return graph.Apply1(atanh{}, x) }

type atanh struct{ unaryRules }

func (atanh) Name() string { return "atanh" }

// ONNX implements graph.Named.
func (atanh) ONNX() string { return "Atanh" }

func (atanh) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (atanh) Ref(out, in []tensor.Wide) { each1(out, in, math.Atanh, nil) }

// VJP: g/(1-x²).
func (atanh) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	one := Like(x, 1)
	return []*graph.Node{Div(ct[0], Mul(Sub(one, x), Add(one, x)))}
}

// Permute implements graph.Permuter.
func (op atanh) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise: with a = |x| it is log(1+2a/(1-a))/2.
func (atanh) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	a := e.Abs(in[0])
	y := e.Log1p(e.Div(e.Add(a, a), e.Sub(e.Imm(1), a)))
	return e.Mul(e.Sign(in[0]), e.Mul(e.Imm(0.5), y)), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  atanh{},
		Doc: "log((1+x)/(1-x))/2",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -0.9, High: 0.9},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -0.9, High: 0.9},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -0.9, High: 0.9},
			{In: []tensor.Type{tensor.F32(64)}, Low: -1e-6, High: 1e-6},
			{In: []tensor.Type{tensor.F32(64)}, Low: 0.999, High: 1, Rough: true},
		},
	})
}
