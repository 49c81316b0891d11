package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// CELU is x where x > 0, and alpha·(e^(x/alpha)-1) elsewhere: an ELU whose slope
// at 0 is 1 for every alpha (Barron, Continuously Differentiable Exponential
// Linear Units, 2017).
func CELU(x *graph.Node, alpha float64) *graph.Node {
	return graph.Apply1(celu{Alpha: alpha}, x)
}

type celu struct {
	unaryRules
	Alpha float64
}

func (celu) Name() string { return "celu" }

// Export implements graph.Exporter. The operator takes float32 alone.
func (op celu) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	if n.InTypes()[0].DType == tensor.Float32 {
		return []string{x.Add("Celu", in, graph.Attribute{Name: "alpha", Value: op.Alpha})}
	}
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		zero, alpha := Like(v[0], 0), Like(v[0], op.Alpha)
		return []*graph.Node{Add(Max(v[0], zero), Min(zero, Mul(alpha, Expm1(Div(v[0], alpha)))))}
	})
}

func (op celu) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if op.Alpha == 0 {
		return nil, fmt.Errorf("alpha is 0")
	}
	return same(in, 1, floats)
}

func (op celu) Ref(out, in []tensor.Wide) {
	each1(out, in, func(x float64) float64 {
		if x > 0 {
			return x
		}
		return op.Alpha * math.Expm1(x/op.Alpha)
	}, nil)
}

// VJP: g where x > 0, g·(y/alpha+1) elsewhere.
func (op celu) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.Out()[0]
	low := Add(Scale(y, 1/op.Alpha), Like(y, 1))
	return []*graph.Node{Select(Gt(x, Like(x, 0)), ct[0], Mul(ct[0], low))}
}

// Permute implements graph.Permuter.
func (op celu) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (op celu) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	x, alpha := in[0], e.Imm(float32(op.Alpha))
	low := e.Mul(alpha, e.Expm1(e.Div(e.Min(x, e.Imm(0)), alpha)))
	return e.Select(e.Gt(x, e.Imm(0)), x, low), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  celu{Alpha: 1},
		Doc: "x where x > 0, alpha·(exp(x/alpha)-1) elsewhere",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{Of: celu{Alpha: 0.5}, In: []tensor.Type{tensor.F32(64)}, Low: -99, High: 99},
			{In: []tensor.Type{tensor.F32(0, 5)}, Low: -3, High: 3},
			{Of: celu{Alpha: 2}, In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(9)}}, Low: -3, High: 3},
		},
	})
}
