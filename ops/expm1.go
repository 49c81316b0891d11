package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Expm1 is eˣ-1, exact for small x.
func Expm1(x *graph.Node) *graph.Node { return graph.Apply1(expm1{}, x) }

type expm1 struct{ unaryRules }

func (expm1) Name() string { return "expm1" }

// Export implements graph.Exporter: tanh(x/2)·(eˣ+1), which is exact for small x
// as eˣ-1 is not.
func (expm1) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		return []*graph.Node{Mul(Tanh(Scale(v[0], 0.5)), Add(Exp(v[0]), Like(v[0], 1)))}
	})
}

func (expm1) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (expm1) Ref(out, in []tensor.Wide) { each1(out, in, math.Expm1, nil) }

// VJP: g·eˣ.
func (expm1) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Mul(ct[0], Exp(n.In()[0]))}
}

// Permute implements graph.Permuter.
func (op expm1) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (expm1) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Expm1(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  expm1{},
		Doc: "exp(x)-1",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -1e-6, High: 1e-6},
			{In: []tensor.Type{tensor.F32(64)}, Low: -100, High: -20},
		},
	})
}
