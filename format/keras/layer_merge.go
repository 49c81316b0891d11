package keras

import (
	"slices"

	"github.com/ihae/ihae/format/onnx"
)

// merge joins two tensors or more, element by element, where sizes of 1 stretch
// and axes that are missing are put in behind the batch.
func merge(op string) func(c *call) value {
	return func(c *call) value {
		if len(c.in) < 2 {
			c.fail("it is given %d tensors, wanted two or more", len(c.in))
			return value{}
		}
		rank := 0
		for _, x := range c.in {
			rank = max(rank, x.rank())
		}
		y := c.widened(c.in[0], rank)
		for _, x := range c.in[1:] {
			x = c.widened(x, rank)
			dims := c.broadcast(y.dims, x.dims)
			y = c.with(y, op, []string{x.name})
			y.dims = dims
		}
		return y
	}
}

// widened is x with axes of size 1 behind the batch, up to a rank.
func (c *call) widened(x value, rank int) value {
	more := rank - x.rank()
	if more == 0 {
		return x
	}
	axes := make([]int, more)
	for i := range axes {
		axes[i] = i + 1
	}
	x.name = c.add("Unsqueeze", []string{x.name, c.ints("axes", axes...)})
	x.dims = slices.Insert(slices.Clone(x.dims), 1, slices.Repeat([]int{1}, more)...)
	return x
}

// broadcast is the sizes of what is computed from two tensors of one rank,
// element by element.
func (c *call) broadcast(a, b []int) []int {
	out := make([]int, len(a))
	for i := range a {
		switch {
		case a[i] == b[i] || b[i] == 1:
			out[i] = a[i]
		case a[i] == 1:
			out[i] = b[i]
		case a[i] < 0 || b[i] < 0:
			out[i] = max(a[i], b[i])
		default:
			c.fail("sizes %v and %v do not fit", a, b)
		}
	}
	return out
}

// concatenate puts tensors behind each other along an axis.
func concatenate(c *call) value {
	if len(c.in) == 0 {
		c.fail("it is given no tensors")
		return value{}
	}
	y := c.in[0]
	y.dims = slices.Clone(y.dims)
	axis := c.axis(c.intOr("axis", -1), y)
	names := []string{y.name}
	for _, x := range c.in[1:] {
		names = append(names, x.name)
		if x.rank() != y.rank() {
			c.fail("tensors of %d and %d axes", y.rank(), x.rank())
			return y
		}
		for i, d := range x.dims {
			switch {
			case i == axis && (d < 0 || y.dims[i] < 0):
				y.dims[i] = -1
			case i == axis:
				y.dims[i] += d
			case y.dims[i] < 0:
				y.dims[i] = d
			case d >= 0 && d != y.dims[i]:
				c.fail("sizes %v and %v differ beside axis %d", y.dims, x.dims, axis)
			}
		}
	}
	y.name = c.add("Concat", names, onnx.Int("axis", int64(axis)))
	return y
}

// average is the mean of several tensors.
func average(c *call) value {
	y := merge("Add")(c)
	return c.with(y, "Mul", []string{c.scalar("share", 1/float64(max(len(c.in), 1)))})
}

func init() {
	register("Add", merge("Add"))
	register("Multiply", merge("Mul"))
	register("Maximum", merge("Max"))
	register("Minimum", merge("Min"))
	register("Subtract", func(c *call) value {
		if len(c.in) != 2 {
			c.fail("it is given %d tensors, wanted two", len(c.in))
			return value{}
		}
		return merge("Sub")(c)
	})
	register("Average", average)
	register("Concatenate", concatenate)
}
