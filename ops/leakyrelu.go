package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// LeakyReLU is x where x > 0, and slope·x elsewhere (Maas et al., Rectifier
// Nonlinearities Improve Neural Network Acoustic Models, 2013).
func LeakyReLU(x *graph.Node, slope float64) *graph.Node {
	return graph.Apply1(leakyReLU{Slope: slope}, x)
}

type leakyReLU struct {
	unaryRules
	Slope float64
}

func (leakyReLU) Name() string { return "leaky-relu" }

// Export implements graph.Exporter.
func (op leakyReLU) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{x.Add("LeakyRelu", in, graph.Attribute{Name: "alpha", Value: op.Slope})}
}

func (leakyReLU) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (op leakyReLU) Ref(out, in []tensor.Wide) {
	each1(out, in, func(x float64) float64 {
		if x > 0 {
			return x
		}
		return op.Slope * x
	}, nil)
}

// VJP: g where x > 0, slope·g elsewhere.
func (op leakyReLU) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	return []*graph.Node{Select(Gt(x, Like(x, 0)), ct[0], Scale(ct[0], op.Slope))}
}

// Permute implements graph.Permuter.
func (op leakyReLU) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (op leakyReLU) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	x := in[0]
	return e.Select(e.Gt(x, e.Imm(0)), x, e.Mul(x, e.Imm(float32(op.Slope)))), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  leakyReLU{Slope: 0.1},
		Doc: "x where x > 0, slope·x elsewhere",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 5)}, Low: -3, High: 3},
			{Of: leakyReLU{Slope: 1.5}, In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(9)}}, Low: -3, High: 3},
		},
	})
}
