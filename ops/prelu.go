package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// PReLU is x where x ≥ 0, and slope·x elsewhere: a LeakyReLU that learns its
// slope (He et al., Delving Deep into Rectifiers, 2015, equation 1).
func PReLU(x, slope *graph.Node) *graph.Node { return binary(prelu{}, x, slope) }

type prelu struct{ binaryRules }

func (prelu) Name() string { return "prelu" }

// ONNX implements graph.Named.
func (prelu) ONNX() string { return "PRelu" }

func (prelu) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, numbers) }

func (prelu) Ref(out, in []tensor.Wide) {
	negative := lessInt(in[0])
	each2(out, in,
		func(x, slope float64) float64 {
			if x < 0 {
				return slope * x
			}
			return x
		},
		func(x, slope int64) int64 {
			if negative(x, 0) {
				return slope * x
			}
			return x
		})
}

// VJP: (g, 0) where x ≥ 0, (g·slope, g·x) elsewhere.
func (prelu) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x, slope, g := n.In()[0], n.In()[1], ct[0]
	zero := Like(x, 0)
	negative := Lt(x, zero)
	return []*graph.Node{Select(negative, Mul(g, slope), g), Select(negative, Mul(g, x), zero)}
}

// Permute implements graph.Permuter.
func (op prelu) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (prelu) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Select(e.Lt(in[0], e.Imm(0)), e.Mul(in[0], in[1]), in[0]), true
}

func init() {
	two := func(d tensor.DType, dims ...int) []tensor.Type {
		t := tensor.Type{DType: d, Shape: tensor.Dims(dims...)}
		return []tensor.Type{t, t}
	}
	graph.Register(graph.Entry{
		Op:  prelu{},
		Doc: "x where x ≥ 0, slope·x elsewhere",
		Samples: []graph.Sample{
			{In: two(tensor.Float32, 3, 5), Low: -3, High: 3},
			{In: two(tensor.Float64, 7), Low: -3, High: 3},
			{In: two(tensor.Float32, 0, 3), Low: -3, High: 3},
			{In: two(tensor.Int32, 9), Low: -9, High: 9},
			{In: two(tensor.Uint64, 9), Low: 0, High: 1 << 64},
		},
	})
}
