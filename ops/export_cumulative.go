package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Cumulative operations as ONNX has them: two are operators, the others a Scan.

// operator writes one that is an operator.
func (c cumulative) operator(x graph.Exchange, name, in string) string {
	reverse := graph.Attribute{Name: "reverse", Value: 0}
	if c.Reverse {
		reverse.Value = 1
	}
	return x.Add(name, []string{in, x.Constant(scalarOf(tensor.Int64, float64(c.Axis)))}, reverse)
}

// export writes one as a Scan by step, which begins with first.
func (c cumulative) export(x graph.Exchange, in []string, n *graph.Inst, first float64, step func(y, x *graph.Node) *graph.Node) []string {
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		begin := func(now []*graph.Node) []*graph.Node { return []*graph.Node{Like(now[0], first)} }
		return c.scan(v, begin, func(y, now []*graph.Node) []*graph.Node {
			return []*graph.Node{step(y[0], now[0])}
		})
	})
}

// scan runs step along the axis, from what begin makes of the first elements of
// xs: the states, which have the types of the first of xs, are the results.
func (c cumulative) scan(xs []*graph.Node, begin func(now []*graph.Node) []*graph.Node, step func(state, now []*graph.Node) []*graph.Node) []*graph.Node {
	s := xs[0].Shape()
	if s.Size() == 0 {
		return xs
	}
	toFront := join([]int{c.Axis}, numbered(0, c.Axis), numbered(c.Axis+1, s.Rank()-c.Axis-1))
	moved, now := make([]*graph.Node, len(xs)), make([]*graph.Node, len(xs))
	for i, x := range xs {
		moved[i] = Transpose(x, toFront...)
		now[i] = c.first(moved[i])
	}
	_, ys := ScanOf(begin(now), moved, Loop{Reverse: c.Reverse}, func(state, now []*graph.Node) (next, ys []*graph.Node) {
		next = step(state, now)
		return next, next
	})
	back := make([]int, s.Rank())
	for i, a := range toFront {
		back[a] = i
	}
	out := make([]*graph.Node, len(ys))
	for i, y := range ys {
		out[i] = Transpose(y, back...)
	}
	return out
}

// first is the element of x that comes first along the first axis.
func (c cumulative) first(x *graph.Node) *graph.Node {
	start, limit := make([]int, x.Shape().Rank()), x.Shape().Dims()
	if c.Reverse {
		start[0] = limit[0] - 1
	}
	limit[0] = start[0] + 1
	return Reshape(Slice(x, start, limit, nil), oneStep(x.Type()).Shape)
}
