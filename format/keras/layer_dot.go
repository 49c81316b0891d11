package keras

import (
	"math"
	"slices"
)

// dot multiplies two tensors of 2 or 3 axes for each example, summing over one
// axis of each.
func dot(c *call) value {
	if len(c.in) != 2 || min(c.in[0].rank(), c.in[1].rank()) < 2 || max(c.in[0].rank(), c.in[1].rank()) > 3 {
		c.fail("it is given %d tensors; two of 2 or 3 axes are read", len(c.in))
		return value{}
	}
	a, b := c.asFloat(c.in[0]), c.asFloat(c.in[1])
	axes, ok := wholes(c.layer.config["axes"])
	if one, is := whole(c.layer.config["axes"]); is {
		axes, ok = []int{one, one}, true
	}
	if !ok || len(axes) != 2 {
		c.fail("axes is %.40v", c.layer.config["axes"])
		return a
	}
	ka, kb := c.axis(axes[0], a), c.axis(axes[1], b)
	if ka == 0 || kb == 0 || a.dims[ka] >= 0 && b.dims[kb] >= 0 && a.dims[ka] != b.dims[kb] {
		c.fail("axis %d of %v against axis %d of %v", ka, a.dims, kb, b.dims)
		return a
	}
	if c.boolOr("normalize", false) {
		a, b = c.unit(a, ka), c.unit(b, kb)
	}
	var drop []int
	a, drop = c.matrix(a, ka, 2, 1, drop) // [N M K]
	b, drop = c.matrix(b, kb, 1, 2, drop) // [N K P]
	y := value{c.add("MatMul", []string{a.name, b.name}), []int{a.dims[0], a.dims[1], b.dims[2]}, a.elem}
	if len(drop) == 2 {
		drop = drop[:1] // a number for each example keeps an axis
	}
	if len(drop) > 0 {
		y.name = c.add("Squeeze", []string{y.name, c.ints("axes", drop...)})
		y.dims = slices.Delete(y.dims, drop[0], drop[0]+1)
	}
	return y
}

// matrix brings axis k of x to the place to; a tensor of 2 axes gets a third at
// the place other, which is added to drop.
func (c *call) matrix(x value, k, to, other int, drop []int) (value, []int) {
	if x.rank() == 2 {
		x.name = c.add("Unsqueeze", []string{x.name, c.ints("axes", other)})
		x.dims = slices.Insert(slices.Clone(x.dims), other, 1)
		return x, append(drop, other)
	}
	if k != to {
		x = c.permute(x, 0, 2, 1)
	}
	return x, drop
}

// unit divides by the length along an axis, which is at least 10⁻⁶.
func (c *call) unit(x value, axis int) value {
	n := c.with(c.times(x, x), "ReduceSum", []string{c.ints("axes", axis)})
	n = c.with(c.clip(n, 1e-12, math.Inf(1)), "Sqrt", nil)
	return c.with(x, "Div", []string{n.name})
}

func init() { register("Dot", dot) }
