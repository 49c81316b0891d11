package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Rsqrt is 1/√x, NaN below 0.
func Rsqrt(x *graph.Node) *graph.Node { return graph.Apply1(rsqrt{}, x) }

type rsqrt struct{ unaryRules }

func (rsqrt) Name() string { return "rsqrt" }

// Export implements graph.Exporter.
func (rsqrt) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{x.Add("Reciprocal", []string{x.Add("Sqrt", in)})}
}

func (rsqrt) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (rsqrt) Ref(out, in []tensor.Wide) {
	each1(out, in, func(x float64) float64 { return 1 / math.Sqrt(x) }, nil)
}

// VJP: -g·y³/2.
func (rsqrt) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	y := n.Out()[0]
	return []*graph.Node{Scale(Mul(ct[0], Mul(y, Mul(y, y))), -0.5)}
}

// Permute implements graph.Permuter.
func (op rsqrt) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (rsqrt) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Rsqrt(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  rsqrt{},
		Doc: "1/√x",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: 0.5, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: 0.5, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: 0.5, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: 1e10, High: 1e20, Rough: true},
		},
	})
}
