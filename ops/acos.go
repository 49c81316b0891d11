package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Acos is the angle in [0, π] whose cosine is x; NaN where |x| > 1.
func Acos(x *graph.Node) *graph.Node { return graph.Apply1(acos{}, x) }

type acos struct{ unaryRules }

func (acos) Name() string { return "acos" }

// ONNX implements graph.Named.
func (acos) ONNX() string { return "Acos" }

func (acos) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (acos) Ref(out, in []tensor.Wide) { each1(out, in, math.Acos, nil) }

// VJP: -g/√(1-x²).
func (acos) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Neg(Div(ct[0], legOf(n.In()[0])))}
}

// Permute implements graph.Permuter.
func (op acos) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise: the register machine has no such instruction.
func (acos) Lane(*kernel.Expr, []kernel.Reg) (kernel.Reg, bool) { return 0, false }

func init() {
	graph.Register(graph.Entry{
		Op:  acos{},
		Doc: "acos(x)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -0.9, High: 0.9},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -0.9, High: 0.9},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -0.9, High: 0.9},
		},
	})
}
