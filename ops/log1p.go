package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Log1p is log(1+x), exact for small x.
func Log1p(x *graph.Node) *graph.Node { return graph.Apply1(log1p{}, x) }

type log1p struct{ unaryRules }

func (log1p) Name() string { return "log1p" }

// Export implements graph.Exporter: 2·artanh(x/(x+2)) for small x, where log(1+x)
// is not exact.
func (log1p) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		small := Lt(Abs(v[0]), Like(v[0], 0.5))
		near := Scale(Atanh(Div(v[0], Add(v[0], Like(v[0], 2)))), 2)
		return []*graph.Node{Select(small, near, Log(Add(v[0], Like(v[0], 1))))}
	})
}

func (log1p) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (log1p) Ref(out, in []tensor.Wide) { each1(out, in, math.Log1p, nil) }

// VJP: g/(1+x).
func (log1p) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Div(ct[0], Add(n.In()[0], Like(n.In()[0], 1)))}
}

// Permute implements graph.Permuter.
func (op log1p) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (log1p) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Log1p(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  log1p{},
		Doc: "log(1+x)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -0.5, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -0.5, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -0.5, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -1e-6, High: 1e-6},
		},
	})
}
