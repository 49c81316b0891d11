package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// SiLU is x·Logistic(x), also called swish (Elfwing et al., Sigmoid-Weighted Linear Units, 2017).
func SiLU(x *graph.Node) *graph.Node { return graph.Apply1(silu{}, x) }

type silu struct{ unaryRules }

func (silu) Name() string { return "silu" }

// Export implements graph.Exporter.
func (silu) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{x.Add("Mul", []string{in[0], x.Add("Sigmoid", in)})}
}

func (silu) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (silu) Ref(out, in []tensor.Wide) {
	each1(out, in, func(x float64) float64 { return x * sigmoid(x) }, nil)
}

// VJP: g·s·(1+x·(1-s)) with s = logistic(x).
func (silu) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	s := Logistic(x)
	return []*graph.Node{Mul(ct[0], Add(s, Mul(n.Out()[0], Sub(Like(s, 1), s))))}
}

// Permute implements graph.Permuter.
func (op silu) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (silu) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Mul(in[0], e.Logistic(in[0])), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  silu{},
		Doc: "x/(1+exp(-x))",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -90, High: 90},
		},
	})
}
