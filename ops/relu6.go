package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// ReLU6 is min(max(x, 0), 6) (Howard et al., MobileNets, 2017); the slope at 0 and 6 is 0.
func ReLU6(x *graph.Node) *graph.Node { return graph.Apply1(relu6{}, x) }

type relu6 struct{ unaryRules }

func (relu6) Name() string { return "relu6" }

// Export implements graph.Exporter.
func (relu6) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	d := n.InTypes()[0].DType
	return []string{x.Add("Clip", []string{in[0], x.Constant(scalarOf(d, 0)), x.Constant(scalarOf(d, 6))})}
}

func (relu6) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (relu6) Ref(out, in []tensor.Wide) {
	each1(out, in, func(x float64) float64 { return min(max(x, 0), 6) }, nil)
}

// VJP: g where 0 < x < 6.
func (relu6) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{gate(ct[0], n.In()[0], 0, 6)}
}

// Permute implements graph.Permuter.
func (op relu6) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (relu6) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Min(e.ReLU(in[0]), e.Imm(6)), true
}

// gate is g where low < x < high, and 0 elsewhere.
func gate(g, x *graph.Node, low, high float64) *graph.Node {
	inside := And(Gt(x, Like(x, low)), Lt(x, Like(x, high)))
	return Select(inside, g, Like(g, 0))
}

func init() {
	graph.Register(graph.Entry{
		Op:  relu6{},
		Doc: "min(max(x, 0), 6)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 9},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 9},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 9},
		},
	})
}
