package lower

import (
	"slices"

	"github.com/ihae/ihae/ops"
)

func init() {
	register(Operator{Name: "Slice", Since: []int64{1, 10, 11, 13}, Rule: moves(slice)})
}

// slice takes every step-th element from start to before end along some axes.
// Where a step is negative the axis is turned around first.
func slice(c *Call) {
	starts, ends, axes, steps := c.cuts()
	s := c.Shape(0)
	axes = c.Axes(axes, s.Rank())
	if len(starts) != len(axes) || len(ends) != len(axes) || len(steps) != len(axes) {
		c.Fail("starts %v, ends %v and steps %v for the axes %v", starts, ends, steps, axes)
	}
	start, limit, stride := make([]int, s.Rank()), s.Dims(), make([]int, s.Rank())
	for i := range stride {
		stride[i] = 1
	}
	var turned []int
	for i, a := range axes {
		if steps[i] == 0 {
			c.Fail("the step along axis %d is 0", a)
		}
		if steps[i] < 0 {
			turned = append(turned, a)
		}
		start[a], limit[a], stride[a] = cut(s.Dim(a), starts[i], ends[i], steps[i])
	}
	x := c.In(0)
	if turned != nil {
		x = ops.Reverse(x, turned...)
	}
	c.Return(ops.Slice(x, start, limit, stride))
}

// cuts is the attributes of opset 1, or the operands since. Axes are the first
// ones, and steps one, where they are not given.
func (c *Call) cuts() (starts, ends, axes, steps []int) {
	if c.Opset() < 10 {
		starts, ends, axes = c.AttrInts("starts"), c.AttrInts("ends"), c.AttrInts("axes")
	} else {
		starts, ends = c.Ints(1), c.Ints(2)
		if c.Has(3) {
			axes = c.Ints(3)
		}
		if c.Has(4) {
			steps = c.Ints(4)
		}
	}
	if axes == nil {
		axes = upTo(len(starts))
	}
	if steps == nil {
		steps = slices.Repeat([]int{1}, len(starts))
	}
	return starts, ends, axes, steps
}

// cut is which places of an axis of n a step from start to before end takes:
// every stride-th from first to before limit; of the axis turned around, where
// step is negative. Numbers below 0 count from the end, then all are held within
// the axis.
func cut(n, start, end, step int) (first, limit, stride int) {
	if start < 0 {
		start += n
	}
	if end < 0 {
		end += n
	}
	if step > 0 {
		first, limit = min(max(start, 0), n), min(max(end, 0), n)
		return first, max(first, limit), min(step, max(n, 1))
	}
	if n == 0 {
		return 0, 0, 1
	}
	first, limit = n-1-min(max(start, 0), n-1), n-1-min(max(end, -1), n-1)
	return first, max(first, limit), -max(step, -n)
}
