package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// GELU is x·Φ(x), with Φ the normal distribution function (Hendrycks and Gimpel, Gaussian Error Linear Units, 2016).
func GELU(x *graph.Node) *graph.Node { return graph.Apply1(gelu{}, x) }

type gelu struct{ unaryRules }

func (gelu) Name() string { return "gelu" }

// Export implements graph.Exporter.
func (gelu) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	if x.Opset() >= 20 {
		return []string{x.Add("Gelu", in)}
	}
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		below := Add(Erf(Scale(v[0], math.Sqrt2/2)), Like(v[0], 1))
		return []*graph.Node{Mul(Scale(v[0], 0.5), below)}
	})
}

func (gelu) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (gelu) Ref(out, in []tensor.Wide) {
	each1(out, in, func(x float64) float64 { return x * phi(x) }, nil)
}

// VJP: g times the slope.
func (gelu) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Mul(ct[0], graph.Apply1(geluSlope{}, n.In()[0]))}
}

// Permute implements graph.Permuter.
func (op gelu) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (gelu) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.GELU(in[0]), true
}

func phi(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

func init() {
	graph.Register(graph.Entry{
		Op:  gelu{},
		Doc: "x/2·(1+erf(x/√2))",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -20, High: 20},
		},
	})
}
