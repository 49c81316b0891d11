package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	early := []int64{1, 11, 13, 18}
	for name, f := range map[string]reduction{
		"ReduceMean": {fold: meanOver}, "ReduceProd": {fold: (*span).prod},
		"ReduceL1":        {fold: func(s *span, x *graph.Node) *graph.Node { return s.sum(ops.Abs(x)) }},
		"ReduceL2":        {fold: norm, floats: true},
		"ReduceSumSquare": {fold: func(s *span, x *graph.Node) *graph.Node { return s.sum(ops.Mul(x, x)) }},
	} {
		register(Operator{Name: name, Since: early, Rule: f.rule(18)})
	}
	register(Operator{Name: "ReduceSum", Since: []int64{1, 11, 13}, Rule: reduction{fold: (*span).sum}.rule(13)})
	logs := append(early, 28)
	register(Operator{Name: "ReduceLogSum", Since: logs, Rule: reduction{floats: true, fold: func(s *span, x *graph.Node) *graph.Node {
		return ops.Log(s.sum(x))
	}}.rule(18)})
	register(Operator{Name: "ReduceLogSumExp", Since: logs, Rule: reduction{fold: logSumExp, floats: true}.rule(18)})
	ends := []int64{1, 11, 12, 13, 18, 20}
	register(Operator{Name: "ReduceMax", Since: ends, Rule: reduction{fold: (*span).max}.rule(18)})
	register(Operator{Name: "ReduceMin", Since: ends, Rule: reduction{fold: (*span).min}.rule(18)})
}

// reduction is what becomes of the elements along axes.
type reduction struct {
	fold   func(s *span, x *graph.Node) *graph.Node
	floats bool // integers are computed as float64 and cut
}

// rule is the operator's, whose axes are an operand from an opset on.
func (r reduction) rule(since int64) func(*Call) {
	return func(c *Call) {
		axes, _ := c.axesAt(1, since)
		s := &span{from: c.Shape(0), axes: c.Axes(axes, c.Rank(0))}
		if len(axes) == 0 && !c.AttrBool("noop_with_empty_axes", false) {
			s.axes = upTo(c.Rank(0))
		}
		x := c.In(0)
		d := x.DType()
		var y *graph.Node
		if r.floats && !d.Float() {
			y = ops.Convert(r.fold(s, ops.Convert(x, tensor.Float64)), d)
		} else {
			y = inFloat32(x, func(x *graph.Node) *graph.Node { return r.fold(s, x) })
		}
		if c.AttrBool("keepdims", true) {
			y = ops.Reshape(y, s.kept())
		}
		c.Return(y)
	}
}

// span is the axes of a shape that are reduced; none at all leave all as it is.
type span struct {
	from tensor.Shape
	axes []int
}

// kept is the shape with the reduced axes of size one.
func (s *span) kept() tensor.Shape {
	y := s.from
	for _, a := range s.axes {
		y = y.With(a, 1)
	}
	return y
}

func (s *span) over(x *graph.Node, reduce func(x *graph.Node, axes ...int) *graph.Node) *graph.Node {
	if len(s.axes) == 0 {
		return x
	}
	return reduce(x, s.axes...)
}

func (s *span) sum(x *graph.Node) *graph.Node  { return s.over(x, ops.ReduceSum) }
func (s *span) prod(x *graph.Node) *graph.Node { return s.over(x, ops.ReduceProd) }

// max is the largest element: of bools, whether one is true.
func (s *span) max(x *graph.Node) *graph.Node {
	if x.DType() == tensor.Bool {
		return s.over(x, ops.ReduceOr)
	}
	return s.over(x, ops.ReduceMax)
}

// min is the smallest element: of bools, whether all are true.
func (s *span) min(x *graph.Node) *graph.Node {
	if x.DType() == tensor.Bool {
		return s.over(x, ops.ReduceAnd)
	}
	return s.over(x, ops.ReduceMin)
}

// meanOver is the sum by the count: of integers cut towards zero.
func meanOver(s *span, x *graph.Node) *graph.Node {
	sum := s.sum(x)
	n := 1
	for _, a := range s.axes {
		n *= s.from.Dim(a)
	}
	if x.DType().Float() {
		return ops.Scale(sum, 1/float64(n))
	}
	return ops.Div(sum, ops.Like(sum, float64(n)))
}

// norm is the root of the sum of squares. Its slope at 0 is 0, as in PyTorch.
func norm(s *span, x *graph.Node) *graph.Node {
	squares := s.sum(ops.Mul(x, x))
	zero := ops.Like(squares, 0)
	none := ops.Eq(squares, zero)
	return ops.Select(none, zero, ops.Sqrt(ops.Select(none, ops.Like(squares, 1), squares)))
}

// logSumExp is log Σ exp(x) without overflow: the largest element is taken out,
// unless it is infinite.
func logSumExp(s *span, x *graph.Node) *graph.Node {
	if len(s.axes) == 0 {
		return x
	}
	top := s.max(x)
	top = ops.Select(ops.IsFinite(top), top, ops.Like(top, 0))
	return ops.Add(ops.Log(s.sum(ops.Exp(ops.Sub(x, ops.Reshape(top, s.kept()))))), top)
}
