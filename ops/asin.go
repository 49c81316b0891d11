package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Asin is the angle in [-π/2, π/2] whose sine is x; NaN where |x| > 1.
func Asin(x *graph.Node) *graph.Node { return graph.Apply1(asin{}, x) }

type asin struct{ unaryRules }

func (asin) Name() string { return "asin" }

// ONNX implements graph.Named.
func (asin) ONNX() string { return "Asin" }

func (asin) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (asin) Ref(out, in []tensor.Wide) { each1(out, in, math.Asin, nil) }

// VJP: g/√(1-x²).
func (asin) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Div(ct[0], legOf(n.In()[0]))}
}

// legOf is √(1-x²), exact near 1.
func legOf(x *graph.Node) *graph.Node {
	one := Like(x, 1)
	return Sqrt(Mul(Sub(one, x), Add(one, x)))
}

// Permute implements graph.Permuter.
func (op asin) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise: the register machine has no such instruction.
func (asin) Lane(*kernel.Expr, []kernel.Reg) (kernel.Reg, bool) { return 0, false }

func init() {
	graph.Register(graph.Entry{
		Op:  asin{},
		Doc: "asin(x)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -0.9, High: 0.9},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -0.9, High: 0.9},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -0.9, High: 0.9},
		},
	})
}
