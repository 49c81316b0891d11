package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Atan2 is the angle in (-π, π] of the point (b, a).
func Atan2(a, b *graph.Node) *graph.Node { return binary(atan2{}, a, b) }

type atan2 struct{ binaryRules }

func (atan2) Name() string { return "atan2" }

// Export implements graph.Exporter: the angle of a/b, turned by π where b is
// negative; of the origin it is 0.
func (atan2) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	d := n.InTypes()[0].DType
	zero, pi := x.Constant(scalarOf(d, 0)), x.Constant(scalarOf(d, math.Pi))
	angle := x.Add("Atan", []string{x.Add("Div", in)})
	negative := x.Add("Less", []string{in[1], zero})
	turn := x.Add("Where", []string{x.Add("Less", []string{in[0], zero}), x.Add("Neg", []string{pi}), pi})
	angle = x.Add("Where", []string{negative, x.Add("Add", []string{angle, turn}), angle})
	origin := x.Add("And", []string{x.Add("Equal", []string{in[0], zero}), x.Add("Equal", []string{in[1], zero})})
	return []string{x.Add("Where", []string{origin, zero, angle})}
}

func (atan2) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, floats) }

func (atan2) Ref(out, in []tensor.Wide) {
	each2(out, in,
		math.Atan2,
		nil)
}

// VJP: (g·b, -g·a)/(a²+b²).
func (atan2) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	a, b := n.In()[0], n.In()[1]
	g := Div(ct[0], Add(Mul(a, a), Mul(b, b)))
	return []*graph.Node{Mul(g, b), Neg(Mul(g, a))}
}

// Permute implements graph.Permuter.
func (op atan2) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise: the register machine has no such instruction.
func (atan2) Lane(*kernel.Expr, []kernel.Reg) (kernel.Reg, bool) { return 0, false }

func init() {
	graph.Register(graph.Entry{
		Op:  atan2{},
		Doc: "atan2(a, b)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5), tensor.F32(3, 5)}, Low: 0.5, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}, {DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: 0.5, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3), tensor.F32(0, 3)}, Low: 0.5, High: 3},
			{In: []tensor.Type{tensor.F32(3, 5), tensor.F32(3, 5)}, Low: -3, High: -1},
		},
	})
}
