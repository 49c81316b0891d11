package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Rem is what is left of a divided by b, with the sign of a; a itself for integers with b = 0.
func Rem(a, b *graph.Node) *graph.Node { return binary(rem{}, a, b) }

type rem struct{ binaryRules }

func (rem) Name() string { return "rem" }

// Export implements graph.Exporter.
func (op rem) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	if d := n.InTypes()[0].DType; !d.Float() {
		return []string{wholeMod(x, in, d, 1)}
	}
	return []string{x.Add("Mod", in, graph.Attribute{Name: "fmod", Value: 1})}
}

func (rem) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, numbers) }

func (rem) Ref(out, in []tensor.Wide) {
	each2(out, in,
		math.Mod,
		remainder(in[0]))
}

// VJP: (g, -g·trunc(a/b)).
func (rem) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	a, b := n.In()[0], n.In()[1]
	whole := Div(Sub(a, n.Out()[0]), b)
	return []*graph.Node{ct[0], Neg(Mul(ct[0], Round(whole)))}
}

// Permute implements graph.Permuter.
func (op rem) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// remainder is the rest of division of integers of w's type.
func remainder(w tensor.Wide) func(x, y int64) int64 {
	return func(x, y int64) int64 {
		switch {
		case y == 0:
			return x
		case unsigned(w):
			return int64(uint64(x) % uint64(y))
		}
		return x % y
	}
}

// Lane implements graph.Elementwise: the register machine has no such instruction.
func (rem) Lane(*kernel.Expr, []kernel.Reg) (kernel.Reg, bool) { return 0, false }

func init() {
	graph.Register(graph.Entry{
		Op:  rem{},
		Doc: "a - b·trunc(a/b)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5), tensor.F32(3, 5)}, Low: 0.5, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}, {DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: 0.5, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3), tensor.F32(0, 3)}, Low: 0.5, High: 3},
			{In: []tensor.Type{{DType: tensor.Int8, Shape: tensor.Dims(64)}, {DType: tensor.Int8, Shape: tensor.Dims(64)}}, Low: -128, High: 128},
			{In: []tensor.Type{{DType: tensor.Uint64, Shape: tensor.Dims(16)}, {DType: tensor.Uint64, Shape: tensor.Dims(16)}}, Low: 0, High: 1 << 64},
			{In: []tensor.Type{{DType: tensor.Int32, Shape: tensor.Dims(64)}, {DType: tensor.Int32, Shape: tensor.Dims(64)}}, Low: -3, High: 3},
		},
	})
}
