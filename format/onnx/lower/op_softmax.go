package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	since := []int64{1, 11, 13}
	register(Operator{Name: "Softmax", Since: since, Rule: func(c *Call) { shares(c, ops.Softmax) }})
	register(Operator{Name: "LogSoftmax", Since: since, Rule: func(c *Call) { shares(c, ops.LogSoftmax) }})
}

// shares is softmax along an axis; before opset 13 over that axis and all after it.
func shares(c *Call, softmax func(x *graph.Node, axis int) *graph.Node) {
	if c.Opset() >= 13 {
		axis := c.Axis(c.AttrInt("axis", -1), c.Rank(0))
		c.Return(softmax(c.In(0), axis))
		return
	}
	x := c.In(0)
	rows := c.matrix(x.Shape(), c.AttrInt("axis", 1))
	c.Return(ops.Reshape(softmax(ops.Reshape(x, rows), 1), x.Shape()))
}

// matrix is a shape seen as rows of what the axes from axis on hold; axis may be
// the number of axes.
func (c *Call) matrix(s tensor.Shape, axis int) tensor.Shape {
	if axis != s.Rank() {
		axis = c.Axis(axis, s.Rank())
	}
	dims := s.Dims()
	return tensor.Dims(tensor.Dims(dims[:axis]...).Size(), tensor.Dims(dims[axis:]...).Size())
}
