package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Div is a/b, for numbers. Integers are cut towards zero and wrap around; what is divided by zero is the integer of all ones.
func Div(a, b *graph.Node) *graph.Node { return binary(div{}, a, b) }

type div struct{ binaryRules }

func (div) Name() string { return "div" }

// Export implements graph.Exporter. Integers divided by 0 are -1 here.
func (div) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	d := n.InTypes()[0].DType
	if v, known := fillOf(n.In()[1]); d.Float() || known && v > 0 {
		return []string{x.Add("Div", in)}
	}
	none, safe := safeDivisor(x, in[1], d)
	y := x.Add("Div", []string{in[0], safe})
	if d.Kind() == tensor.KindInt {
		back := x.Add("Equal", []string{in[1], x.Constant(scalarOf(d, -1))})
		y = x.Add("Where", []string{back, x.Add("Neg", in[:1]), y})
	}
	all := tensor.NewWide(tensor.Type{DType: d})
	all.I[0] = -1
	return []string{x.Add("Where", []string{none, x.Constant(all.Narrow()), y})}
}

func (div) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, numbers) }

func (div) Ref(out, in []tensor.Wide) {
	each2(out, in,
		func(x, y float64) float64 { return x / y },
		quotient(in[0]))
}

// VJP: (g/b, -g·y/b).
func (div) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	b := n.In()[1]
	g := Div(ct[0], b)
	return []*graph.Node{g, Neg(Mul(g, n.Out()[0]))}
}

// Simplify: x/1 is x, and division by a power of two is multiplication.
func (div) Simplify(n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.In()[1]
	v, ok := fillOf(y)
	switch {
	case ok && v == 1:
		return []*graph.Node{x}
	case ok && y.DType().Float() && powerOfTwo(v):
		return []*graph.Node{Scale(x, 1/v)}
	}
	return foldFills(n)
}

// powerOfTwo says whether 1/v is exact in every element type but the smallest.
func powerOfTwo(v float64) bool {
	frac, exp := math.Frexp(math.Abs(v))
	return frac == 0.5 && exp > -10 && exp < 12
}

// Permute implements graph.Permuter.
func (op div) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (div) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Div(in[0], in[1]), true
}

// quotient divides integers of w's type.
func quotient(w tensor.Wide) func(x, y int64) int64 {
	return func(x, y int64) int64 {
		switch {
		case y == 0:
			return -1
		case unsigned(w):
			return int64(uint64(x) / uint64(y))
		}
		return x / y
	}
}

// Kernel implements graph.Kerneled.
func (div) Kernel(in, _ []tensor.Type) *kernel.Code {
	return kernel.Arithmetic(kernel.ArithDiv, in[0].DType, in[0].Shape.Size())
}

func init() {
	graph.Register(graph.Entry{
		Op:  div{},
		Doc: "a/b",
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
