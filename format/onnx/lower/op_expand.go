package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Expand", Since: []int64{8, 13}, Rule: moves(expand)})
	register(Operator{Name: "Tile", Since: []int64{1, 6, 13}, Rule: moves(tile)})
}

// expand broadcasts to a shape, in which a 1 is any size.
func expand(c *Call) {
	want := c.Ints(1)
	have := c.Shape(0).Dims()
	dims := make([]int, max(len(want), len(have)))
	for i := range dims {
		a, b := 1, 1
		if j := i - len(dims) + len(have); j >= 0 {
			a = have[j]
		}
		if j := i - len(dims) + len(want); j >= 0 {
			b = want[j]
		}
		if dims[i] = a; a == 1 {
			dims[i] = b
		} else if b != 1 && b != a {
			c.Fail("%v does not stretch to %v", c.Shape(0), want)
		}
	}
	to := c.Dims(dims...)
	c.Return(stretched(c.In(0), to))
}

// tile repeats along each axis as often as operand 1 says; in opset 1 along the
// axis of operand 2, as often as operand 1.
func tile(c *Call) {
	s := c.Shape(0)
	var times []int
	if c.Opset() < 6 {
		times = make([]int, s.Rank())
		for i := range times {
			times[i] = 1
		}
		times[c.Axis(int(c.Float(2)), s.Rank())] = int(c.Float(1))
	} else if times = c.Ints(1); len(times) != s.Rank() {
		c.Fail("%d repeats for %d axes", len(times), s.Rank())
	}
	dims := s.Dims()
	for i, n := range times {
		if n < 0 || n > 1 && dims[i] > 1<<48/n {
			c.Fail("repeats of %v", times)
		}
		dims[i] *= n
	}
	if c.Dims(dims...).Size() == 0 {
		c.returnZeros(dims...)
		return
	}
	x := c.In(0)
	for i, n := range times {
		if n != 1 {
			x = repeated(x, i, n)
		}
	}
	c.Return(x)
}

// repeated is x n times along an axis.
func repeated(x *graph.Node, axis, n int) *graph.Node {
	outer, inner := 1, 1
	dims := x.Shape().Dims()
	for i, d := range dims {
		if i < axis {
			outer *= d
		} else {
			inner *= d
		}
	}
	dims[axis] *= n
	rows := ops.Reshape(x, tensor.Dims(outer, inner))
	return ops.Reshape(ops.BroadcastInDim(rows, tensor.Dims(outer, n, inner), 0, 2), tensor.Dims(dims...))
}
