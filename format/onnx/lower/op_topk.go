package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "TopK", Since: []int64{1, 10, 11, 24}, Rule: topK})
	register(Operator{Name: "ArgMax", Since: []int64{1, 11, 12, 13}, Rule: func(c *Call) { arg(c, ops.ArgMax) }})
	register(Operator{Name: "ArgMin", Since: []int64{1, 11, 12, 13}, Rule: func(c *Call) { arg(c, ops.ArgMin) }})
}

// topK is always in order, also where that is left open.
func topK(c *Call) {
	k := c.AttrInt("k", -1)
	if c.Opset() >= 10 {
		k = c.Int(1)
	}
	axis := c.Axis(c.AttrInt("axis", -1), c.Rank(0))
	if k < 0 || k > c.Shape(0).Dim(axis) {
		c.Fail("%d of %d elements", k, c.Shape(0).Dim(axis))
	}
	first := ops.BottomK
	if c.AttrBool("largest", true) {
		first = ops.TopK
	}
	values, at := first(c.In(0), k, axis)
	c.Return(values, ops.Convert(at, tensor.Int64))
}

// arg is the place of the largest or smallest element along an axis: of equal
// ones the first or, from opset 12 on, where asked for the last.
func arg(c *Call, find func(x *graph.Node, axis int) *graph.Node) {
	s := c.Shape(0)
	axis := c.Axis(c.AttrInt("axis", 0), s.Rank())
	x := c.In(0)
	last := c.AttrBool("select_last_index", false)
	if last {
		x = ops.Reverse(x, axis)
	}
	y := ops.Convert(find(x, axis), tensor.Int64)
	if last {
		y = ops.Sub(ops.Like(y, float64(s.Dim(axis)-1)), y)
	}
	if c.AttrBool("keepdims", true) {
		y = ops.Reshape(y, s.With(axis, 1))
	}
	c.Return(y)
}
