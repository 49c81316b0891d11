package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Eq is the bool a = b; NaN equals nothing.
func Eq(a, b *graph.Node) *graph.Node { return binary(compare{Is: equal}, a, b) }

// Ne is the bool a ≠ b, true where either is NaN.
func Ne(a, b *graph.Node) *graph.Node { return binary(compare{Is: notEqual}, a, b) }

// Lt is the bool a < b, false where either is NaN.
func Lt(a, b *graph.Node) *graph.Node { return binary(compare{Is: less}, a, b) }

// Le is the bool a ≤ b, false where either is NaN.
func Le(a, b *graph.Node) *graph.Node { return binary(compare{Is: lessEqual}, a, b) }

// Gt is the bool a > b, false where either is NaN.
func Gt(a, b *graph.Node) *graph.Node { return binary(compare{Is: greater}, a, b) }

// Ge is the bool a ≥ b, false where either is NaN.
func Ge(a, b *graph.Node) *graph.Node { return binary(compare{Is: greaterEqual}, a, b) }

// relation is which of two elements must come first.
type relation uint8

const (
	equal relation = iota
	notEqual
	less
	lessEqual
	greater
	greaterEqual
)

// compare is one of the six relations between numbers; bools have the first
// two. Its operands are not in place: a bool is smaller than a number.
type compare struct{ Is relation }

func (op compare) Name() string {
	return [...]string{"eq", "ne", "lt", "le", "gt", "ge"}[op.Is]
}

// Export implements graph.Exporter.
func (op compare) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	switch name := [...]string{"Equal", "", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"}[op.Is]; name {
	case "":
		return []string{x.Add("Not", []string{x.Add("Equal", in)})}
	default:
		return []string{x.Add(name, in)}
	}
}

func (op compare) Infer(in []tensor.Type) ([]tensor.Type, error) {
	k := numbers
	if op.Is <= notEqual {
		k = anything
	}
	if err := alike(in, 2, k); err != nil {
		return nil, err
	}
	return []tensor.Type{{DType: tensor.Bool, Shape: in[0].Shape}}, nil
}

func (op compare) Ref(out, in []tensor.Wide) {
	for j, x := range in[0].F {
		y := in[1].F[j]
		out[0].I[j] = op.holds(x < y, x == y, x > y)
	}
	before := lessInt(in[0])
	for j, x := range in[0].I {
		y := in[1].I[j]
		out[0].I[j] = op.holds(before(x, y), x == y, before(y, x))
	}
}

// holds is 1 if the relation holds between two elements, of which at most one
// of lt, eq and gt is true, and none where one is NaN.
func (op compare) holds(lt, eq, gt bool) int64 {
	if [...]bool{eq, !eq, lt, lt || eq, gt, gt || eq}[op.Is] {
		return 1
	}
	return 0
}

// Simplify implements graph.Simplifier.
func (compare) Simplify(n *graph.Inst) []*graph.Node { return foldFills(n) }

// Permute implements graph.Permuter.
func (op compare) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (op compare) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	f := [...]func(a, b kernel.Reg) kernel.Reg{e.Eq, e.Ne, e.Lt, e.Le, e.Gt, e.Ge}[op.Is]
	return f(in[0], in[1]), true
}

// Kernel implements graph.Kerneled, for what loops do not take.
func (op compare) Kernel(in, _ []tensor.Type) *kernel.Code {
	r := [...]kernel.Relation{
		kernel.RelationEq, kernel.RelationNe, kernel.RelationLt, kernel.RelationLe, kernel.RelationLt, kernel.RelationLe,
	}[op.Is]
	return kernel.Compare(r, op.Is >= greater, in[0].DType, in[0].Shape.Size())
}

func init() {
	for op, doc := range map[compare]string{
		{Is: equal}: "a = b", {Is: notEqual}: "a ≠ b", {Is: less}: "a < b",
		{Is: lessEqual}: "a ≤ b", {Is: greater}: "a > b", {Is: greaterEqual}: "a ≥ b",
	} {
		graph.Register(graph.Entry{Op: op, Doc: doc, Samples: op.samples()})
	}
}

func (op compare) samples() []graph.Sample {
	two := func(d tensor.DType, dims ...int) []tensor.Type {
		t := tensor.Type{DType: d, Shape: tensor.Dims(dims...)}
		return []tensor.Type{t, t}
	}
	s := []graph.Sample{
		{In: two(tensor.Float32, 3, 5), Low: -3, High: 3},
		{In: two(tensor.Float32, 0, 5), Low: -3, High: 3},
		{In: two(tensor.Int8, 64), Low: -2, High: 2},
		{In: two(tensor.Uint64, 64), Low: 0, High: 1 << 64},
	}
	if op.Is <= notEqual {
		s = append(s, graph.Sample{In: two(tensor.Bool, 33)})
	}
	return s
}
