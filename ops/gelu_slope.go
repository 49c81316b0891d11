package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// geluSlope is the derivative of GELU, Φ(x) + x·φ(x) with φ the normal density.
type geluSlope struct{ unaryRules }

func (geluSlope) Name() string { return "gelu-slope" }

// Export implements graph.Exporter.
func (geluSlope) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		below := Scale(Add(Erf(Scale(v[0], math.Sqrt2/2)), Like(v[0], 1)), 0.5)
		density := Scale(Exp(Scale(Mul(v[0], v[0]), -0.5)), 1/math.Sqrt(2*math.Pi))
		return []*graph.Node{Add(below, Mul(v[0], density))}
	})
}

func (geluSlope) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (geluSlope) Ref(out, in []tensor.Wide) {
	each1(out, in, func(x float64) float64 { return phi(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi) }, nil)
}

// VJP: g·φ(x)·(2 - x²).
func (geluSlope) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	square := Mul(x, x)
	density := Scale(Exp(Scale(square, -0.5)), 1/math.Sqrt(2*math.Pi))
	return []*graph.Node{Mul(ct[0], Mul(density, Sub(Like(x, 2), square)))}
}

// Permute implements graph.Permuter.
func (op geluSlope) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (geluSlope) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.GELUSlope(in[0]), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  geluSlope{},
		Doc: "the derivative of gelu, Φ(x) + x·φ(x)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -20, High: 20},
		},
	})
}
