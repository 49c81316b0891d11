package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// ELU is x where x > 0, and alpha·(eˣ-1) elsewhere (Clevert et al., Fast and
// Accurate Deep Network Learning by Exponential Linear Units, 2015).
func ELU(x *graph.Node, alpha float64) *graph.Node {
	return graph.Apply1(elu{Alpha: alpha}, x)
}

type elu struct {
	unaryRules
	Alpha float64
}

func (elu) Name() string { return "elu" }

// Export implements graph.Exporter.
func (op elu) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{x.Add("Elu", in, graph.Attribute{Name: "alpha", Value: op.Alpha})}
}

func (elu) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (op elu) Ref(out, in []tensor.Wide) {
	each1(out, in, func(x float64) float64 {
		if x > 0 {
			return x
		}
		return op.Alpha * math.Expm1(x)
	}, nil)
}

// VJP: g where x > 0, g·(y+alpha) elsewhere.
func (op elu) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.Out()[0]
	return []*graph.Node{Select(Gt(x, Like(x, 0)), ct[0], Mul(ct[0], Add(y, Like(y, op.Alpha))))}
}

// Permute implements graph.Permuter.
func (op elu) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (op elu) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	x := in[0]
	low := e.Mul(e.Imm(float32(op.Alpha)), e.Expm1(e.Min(x, e.Imm(0))))
	return e.Select(e.Gt(x, e.Imm(0)), x, low), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  elu{Alpha: 1},
		Doc: "x where x > 0, alpha·(exp(x)-1) elsewhere",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -99, High: 99},
			{In: []tensor.Type{tensor.F32(0, 5)}, Low: -3, High: 3},
			{Of: elu{Alpha: 0.5}, In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(9)}}, Low: -3, High: 3},
		},
	})
}
