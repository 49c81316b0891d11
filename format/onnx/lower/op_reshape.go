package lower

import (
	"slices"

	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Reshape", Since: []int64{1, 5, 13, 14, 19, 21, 23, 24, 25}, Rule: moves(reshape)})
	register(Operator{Name: "Flatten", Since: []int64{1, 9, 11, 13, 21, 23, 24, 25}, Rule: moves(flattenTo2)})
}

func reshape(c *Call) {
	var dims []int
	if c.Opset() < 5 {
		dims = c.AttrInts("shape")
	} else {
		dims = c.Ints(1)
	}
	to := c.reshaped(c.Shape(0), dims, c.AttrBool("allowzero", false))
	c.Return(ops.Reshape(c.In(0), to))
}

// reshaped is the shape that dims means for what has shape from: a -1 is what
// is left over; a 0 is the size in from, unless zeros are sizes.
func (c *Call) reshaped(from tensor.Shape, dims []int, zeros bool) tensor.Shape {
	open, to := -1, slices.Clone(dims)
	for i, d := range dims {
		switch {
		case d == -1 && open >= 0:
			c.Fail("of the shape %v two sizes are left open", dims)
		case d == -1:
			open, to[i] = i, 1
		case d == 0 && !zeros && i >= from.Rank():
			c.Fail("size %d of the shape %v is that of an axis which %v does not have", i, dims, from)
		case d == 0 && !zeros:
			to[i] = from.Dim(i)
		}
	}
	s := c.Dims(to...)
	if open >= 0 && s.Size() > 0 {
		s = s.With(open, from.Size()/s.Size())
	}
	if s.Size() != from.Size() || open >= 0 && s.Size() == 0 && s.With(open, 1).Size() == 0 {
		c.Fail("%v does not become %v: its %d elements do not fit", from, dims, from.Size())
	}
	return s
}

// flattenTo2 makes a matrix: the axes before axis are its rows.
func flattenTo2(c *Call) {
	s := c.Shape(0)
	axis := c.AttrInt("axis", 1)
	if axis < -s.Rank() || axis > s.Rank() {
		c.Fail("axis %d of %d axes", axis, s.Rank())
	}
	if axis < 0 {
		axis += s.Rank()
	}
	rows, columns := 1, 1
	for i, d := range s.Dims() {
		if i < axis {
			rows *= d
		} else {
			columns *= d
		}
	}
	c.Return(ops.Reshape(c.In(0), c.Dims(rows, columns)))
}
