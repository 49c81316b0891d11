package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// broadcast is the shape that shapes stretch to by NumPy's rule.
func (c *Call) broadcast(shapes ...tensor.Shape) tensor.Shape {
	var dims []int
	for _, s := range shapes {
		for len(dims) < s.Rank() {
			dims = append([]int{1}, dims...)
		}
		for i := range s.Rank() {
			at := len(dims) - s.Rank() + i
			switch d := s.Dim(i); {
			case dims[at] == 1:
				dims[at] = d
			case d != 1 && d != dims[at]:
				c.Fail("shapes %v do not broadcast", shapes)
			}
		}
	}
	return c.Dims(dims...)
}

// stretch is the operands from place i on, stretched to one shape.
func (c *Call) stretch(i int) []*graph.Node {
	var shapes []tensor.Shape
	for j := i; j < c.NumIn(); j++ {
		shapes = append(shapes, c.Shape(j))
	}
	if len(shapes) == 0 {
		c.Fail("has no operands")
	}
	c.broadcast(shapes...)
	return ops.Broadcast(c.Ins(i)...)
}

// pair is the two operands of a binary operator, stretched to one shape. Before
// opset 7 the second alone may be stretched, if the attribute broadcast says so:
// it lies along axes of the first from the attribute axis on, or along the last
// ones.
func (c *Call) pair() (a, b *graph.Node) {
	if c.NumIn() != 2 {
		c.Fail("takes 2 operands, it is given %d", c.NumIn())
	}
	if c.Opset() < 7 && c.n.Domain == "" {
		return c.pairBefore7()
	}
	x := c.stretch(0)
	return x[0], x[1]
}

func (c *Call) pairBefore7() (a, b *graph.Node) {
	s, t := c.Shape(0), c.Shape(1)
	if !c.AttrBool("broadcast", false) {
		if s != t {
			c.Fail("operands of shapes %v and %v without the attribute broadcast", s, t)
		}
		return c.In(0), c.In(1)
	}
	dims := t.Dims()
	if c.HasAttr("axis") {
		axis := c.Axis(c.AttrInt("axis", 0), s.Rank())
		for i := axis + len(dims); i < s.Rank(); i++ {
			dims = append(dims, 1)
		}
	}
	to := c.Dims(dims...)
	if c.broadcast(s, to) != s {
		c.Fail("an operand of shape %v does not stretch to %v", t, s)
	}
	return c.In(0), stretched(ops.Reshape(c.In(1), to), s)
}
