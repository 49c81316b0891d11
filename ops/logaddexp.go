package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// LogAddExp is log(exp(x) + exp(y)) without overflow: the sum of two
// probabilities given by their logarithms, which must be finite.
func LogAddExp(x, y *graph.Node) *graph.Node { return binary(addExp{}, x, y) }

type addExp struct{ binaryRules }

func (addExp) Name() string { return "log-add-exp" }

// Export implements graph.Exporter.
func (addExp) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		return []*graph.Node{Add(Max(v[0], v[1]), Log1p(Exp(Neg(Abs(Sub(v[0], v[1]))))))}
	})
}

func (addExp) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, floats) }

func (addExp) Ref(out, in []tensor.Wide) {
	each2(out, in, func(x, y float64) float64 {
		return math.Max(x, y) + math.Log1p(math.Exp(-math.Abs(x-y)))
	}, nil)
}

// VJP: g·σ(x-y), g·σ(y-x).
func (addExp) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.In()[1]
	return []*graph.Node{Mul(ct[0], Logistic(Sub(x, y))), Mul(ct[0], Logistic(Sub(y, x)))}
}

// Permute implements graph.Permuter.
func (op addExp) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (addExp) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	x, y := in[0], in[1]
	return e.Add(e.Max(x, y), e.Log1p(e.Exp(e.Neg(e.Abs(e.Sub(x, y)))))), true
}

func init() {
	x := tensor.F32(3, 5)
	graph.Register(graph.Entry{
		Op:  addExp{},
		Doc: "log(exp(x) + exp(y))",
		Samples: []graph.Sample{
			{In: []tensor.Type{x, x}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64), tensor.F32(64)}, Low: -90, High: 90},
		},
	})
}
