package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Mod is what is left of a divided by b, with the sign of b, zeros too; a itself
// for integers with b = 0. See [Rem] for the sign of a.
func Mod(a, b *graph.Node) *graph.Node { return binary(mod{}, a, b) }

type mod struct{ binaryRules }

func (mod) Name() string { return "mod" }

// Export implements graph.Exporter: the operator has the sign of b for integers
// alone.
func (op mod) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	d := n.InTypes()[0].DType
	if !d.Float() {
		return []string{wholeMod(x, in, d, 0)}
	}
	rest := x.Add("Mod", in, graph.Attribute{Name: "fmod", Value: 1})
	zero := x.Constant(scalarOf(d, 0))
	differ := x.Add("Less", []string{x.Add("Mul", []string{x.Add("Sign", []string{rest}), x.Add("Sign", in[1:])}), zero})
	return []string{x.Add("Where", []string{differ, x.Add("Add", []string{rest, in[1]}), rest})}
}

// wholeMod writes what is left of integers, which is all where in[1] is 0.
func wholeMod(x graph.Exchange, in []string, d tensor.DType, fmod int) string {
	none, safe := safeDivisor(x, in[1], d)
	rest := x.Add("Mod", []string{in[0], safe}, graph.Attribute{Name: "fmod", Value: fmod})
	return x.Add("Where", []string{none, in[0], rest})
}

// safeDivisor writes where integers are 0, and 1 instead of 0 and -1: divided by one of
// these integers would stop some runtimes.
func safeDivisor(x graph.Exchange, b string, d tensor.DType) (none, safe string) {
	one := x.Constant(scalarOf(d, 1))
	none = x.Add("Equal", []string{b, x.Constant(scalarOf(d, 0))})
	harm := none
	if d.Kind() == tensor.KindInt {
		harm = x.Add("Or", []string{none, x.Add("Equal", []string{b, x.Constant(scalarOf(d, -1))})})
	}
	return none, x.Add("Where", []string{harm, one, b})
}

func (mod) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, numbers) }

func (mod) Ref(out, in []tensor.Wide) {
	rest, whole := remainder(in[0]), unsigned(in[0])
	each2(out, in,
		func(x, y float64) float64 {
			switch r := math.Mod(x, y); {
			case r == 0:
				return math.Copysign(0, y)
			case (r < 0) != (y < 0):
				return r + y
			default:
				return r
			}
		},
		func(x, y int64) int64 {
			r := rest(x, y)
			if !whole && r != 0 && y != 0 && (r < 0) != (y < 0) {
				return r + y
			}
			return r
		})
}

// VJP: (g, -g·⌊a/b⌋).
func (mod) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	a, b := n.In()[0], n.In()[1]
	whole := Div(Sub(a, n.Out()[0]), b)
	return []*graph.Node{ct[0], Neg(Mul(ct[0], Round(whole)))}
}

// Permute implements graph.Permuter.
func (op mod) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise: the register machine has no such instruction.
func (mod) Lane(*kernel.Expr, []kernel.Reg) (kernel.Reg, bool) { return 0, false }

func init() {
	two := func(d tensor.DType, dims ...int) []tensor.Type {
		t := tensor.Type{DType: d, Shape: tensor.Dims(dims...)}
		return []tensor.Type{t, t}
	}
	graph.Register(graph.Entry{
		Op:  mod{},
		Doc: "a - b·⌊a/b⌋",
		Samples: []graph.Sample{
			{In: two(tensor.Float32, 3, 5), Ranges: [][2]float64{{-3, 3}, {0.5, 3}}, Rough: true},
			{In: two(tensor.Float64, 7), Low: 0.5, High: 3},
			{In: two(tensor.Float32, 0, 3), Low: 0.5, High: 3},
			{In: two(tensor.Int8, 64), Low: -128, High: 128},
			{In: two(tensor.Uint64, 64), Low: 0, High: 1 << 64},
			{In: two(tensor.Int64, 64), Low: -4, High: 4},
		},
	})
}
