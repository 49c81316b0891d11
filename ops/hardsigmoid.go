package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// HardSigmoid is min(max(x/6+1/2, 0), 1), a logistic function made of lines (Howard et al., MobileNetV3, 2019).
func HardSigmoid(x *graph.Node) *graph.Node { return graph.Apply1(hardSigmoid{}, x) }

type hardSigmoid struct{ unaryRules }

func (hardSigmoid) Name() string { return "hard-sigmoid" }

// Export implements graph.Exporter.
func (hardSigmoid) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{x.Add("HardSigmoid", in, graph.Attribute{Name: "alpha", Value: 1.0 / 6}, graph.Attribute{Name: "beta", Value: 0.5})}
}

func (hardSigmoid) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (hardSigmoid) Ref(out, in []tensor.Wide) { each1(out, in, hardSigmoidOf, nil) }

// VJP: g/6 where -3 < x < 3.
func (hardSigmoid) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Scale(gate(ct[0], n.In()[0], -3, 3), 1.0/6)}
}

// Permute implements graph.Permuter.
func (op hardSigmoid) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (hardSigmoid) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Min(e.ReLU(e.MulAdd(in[0], e.Imm(1.0/6), e.Imm(0.5))), e.Imm(1)), true
}

func hardSigmoidOf(x float64) float64 { return min(max(x/6+0.5, 0), 1) }

func init() {
	graph.Register(graph.Entry{
		Op:  hardSigmoid{},
		Doc: "min(max(x/6+1/2, 0), 1)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -5, High: 5},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -5, High: 5},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -5, High: 5},
		},
	})
}
