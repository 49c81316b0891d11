package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Compress", Since: []int64{9, 11, 28}, Rule: moves(compress)})
}

// compress keeps the places along an axis, or of all elements, where operand 1 is
// true; those behind its end are left out. Where the operand is not known the
// host does it.
func compress(c *Call) {
	if c.Type(1).DType != tensor.Bool {
		c.Fail("the condition is %v, want bool", c.Type(1))
	}
	t, ok := c.Known(1)
	if !ok {
		c.Host(c.onHost(compress), 0, 1)
		return
	}
	axis, size := 0, c.Shape(0).Size()
	whole := !c.HasAttr("axis")
	if !whole {
		axis = c.Axis(c.AttrInt("axis", 0), c.Rank(0))
		size = c.Shape(0).Dim(axis)
	}
	var at []int
	for i, keep := range tensor.Widen(t).I {
		if keep != 0 {
			at = append(at, i)
		}
	}
	if len(at) > 0 && at[len(at)-1] >= size || t.Shape().Rank() != 1 {
		c.Fail("a condition of %v for %d places", t.Shape(), size)
	}
	x := c.In(0)
	if whole {
		x = ops.Reshape(x, tensor.Dims(size))
	}
	c.Return(taken(x, at, axis))
}

// taken is the places at along an axis of x.
func taken(x *graph.Node, at []int, axis int) *graph.Node {
	return ops.Take(x, x.Graph().Constant(int64s(at...)), axis)
}
