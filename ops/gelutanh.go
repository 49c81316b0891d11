package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// GELUTanh is the approximation of GELU by a hyperbolic tangent (Hendrycks and Gimpel, 2016, section 2).
func GELUTanh(x *graph.Node) *graph.Node { return graph.Apply1(geluTanh{}, x) }

type geluTanh struct{ unaryRules }

func (geluTanh) Name() string { return "gelu-tanh" }

// Export implements graph.Exporter.
func (geluTanh) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	if x.Opset() >= 20 {
		return []string{x.Add("Gelu", in, graph.Attribute{Name: "approximate", Value: "tanh"})}
	}
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		cube := Mul(v[0], Add(Scale(Mul(v[0], v[0]), geluCube), Like(v[0], 1)))
		return []*graph.Node{Mul(Scale(v[0], 0.5), Add(Tanh(Scale(cube, geluRoot)), Like(v[0], 1)))}
	})
}

func (geluTanh) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (geluTanh) Ref(out, in []tensor.Wide) {
	each1(out, in, func(x float64) float64 { return 0.5 * x * (1 + math.Tanh(geluRoot*(x+geluCube*x*x*x))) }, nil)
}

// VJP: g·((1+t)/2+x/2·(1-t²)·√(2/π)·(1+3·0.044715·x²)) with t the tangent.
func (geluTanh) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	square := Mul(x, x)
	t := Tanh(Scale(Mul(x, Add(Scale(square, geluCube), Like(x, 1))), geluRoot))
	slope := Scale(Add(Scale(square, 3*geluCube), Like(x, 1)), geluRoot)
	inner := Mul(Mul(x, Sub(Like(t, 1), Mul(t, t))), slope)
	return []*graph.Node{Mul(ct[0], Scale(Add(Add(t, Like(t, 1)), inner), 0.5))}
}

// Permute implements graph.Permuter.
func (op geluTanh) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (geluTanh) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	x := in[0]
	cube := e.MulAdd(e.Mul(e.Square(x), e.Imm(geluCube)), x, x)
	t := e.Tanh(e.Mul(cube, e.Imm(geluRoot)))
	half := e.Mul(x, e.Imm(0.5))
	return e.MulAdd(half, t, half), true
}

const (
	geluRoot = 0.79788456080286535588 // √(2/π)
	geluCube = 0.044715
)

func init() {
	graph.Register(graph.Entry{
		Op:  geluTanh{},
		Doc: "x/2·(1+tanh(√(2/π)·(x+0.044715·x³)))",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -20, High: 20},
		},
	})
}
