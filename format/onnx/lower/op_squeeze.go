package lower

import (
	"slices"

	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Squeeze", Since: []int64{1, 11, 13, 21, 23, 24, 25}, Rule: moves(squeeze)})
	register(Operator{Name: "Unsqueeze", Since: []int64{1, 11, 13, 21, 23, 24, 25}, Rule: moves(unsqueeze)})
}

// squeeze leaves out axes of size one: those named, or all.
func squeeze(c *Call) {
	axes, given := c.axesAt(1, 13)
	s := c.Shape(0)
	axes = c.Axes(axes, s.Rank())
	var dims []int
	for i, d := range s.Dims() {
		switch named := slices.Contains(axes, i); {
		case named && d != 1:
			c.Fail("axis %d has size %d, not 1", i, d)
		case !named && (given || d != 1):
			dims = append(dims, d)
		}
	}
	c.Return(ops.Reshape(c.In(0), c.Dims(dims...)))
}

// unsqueeze adds axes of size one, at the places named among the result's.
func unsqueeze(c *Call) {
	axes, given := c.axesAt(1, 13)
	if !given {
		c.Fail("names no axes")
	}
	rest := c.Shape(0).Dims()
	rank := len(rest) + len(axes)
	if rank > tensor.MaxRank {
		c.Fail("%d axes and %d more, at most %d are allowed", len(rest), len(axes), tensor.MaxRank)
	}
	axes = c.Axes(axes, rank)
	dims := make([]int, rank)
	for i := range dims {
		if dims[i] = 1; !slices.Contains(axes, i) {
			dims[i], rest = rest[0], rest[1:]
		}
	}
	c.Return(ops.Reshape(c.In(0), c.Dims(dims...)))
}
