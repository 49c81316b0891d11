package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// HardSwish is x·HardSigmoid(x) (Howard et al., MobileNetV3, 2019, equation 3).
func HardSwish(x *graph.Node) *graph.Node { return graph.Apply1(hardSwish{}, x) }

type hardSwish struct{ unaryRules }

func (hardSwish) Name() string { return "hard-swish" }

// ONNX implements graph.Named.
func (hardSwish) ONNX() string { return "HardSwish" }

func (hardSwish) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (hardSwish) Ref(out, in []tensor.Wide) {
	each1(out, in, func(x float64) float64 { return x * hardSigmoidOf(x) }, nil)
}

// VJP: g·(h(x)+x·h'(x)) with h the hard sigmoid.
func (hardSwish) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	return []*graph.Node{Add(Mul(ct[0], HardSigmoid(x)), Scale(gate(Mul(ct[0], x), x, -3, 3), 1.0/6))}
}

// Permute implements graph.Permuter.
func (op hardSwish) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (hardSwish) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Mul(in[0], e.Min(e.ReLU(e.MulAdd(in[0], e.Imm(1.0/6), e.Imm(0.5))), e.Imm(1))), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  hardSwish{},
		Doc: "x·min(max(x/6+1/2, 0), 1)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -5, High: 5},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -5, High: 5},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -5, High: 5},
		},
	})
}
