package keras

import (
	"fmt"
	"math"
	"slices"
)

// pairs reads what is added or cut in front of and behind n axes: one number, one
// for each axis, or a pair for each axis; for one axis also a pair alone.
func (c *call) pairs(key string, n int) [][2]int {
	v := c.layer.config[key]
	out := make([][2]int, n)
	bad := func() [][2]int {
		c.fail("%s is %.60v", key, v)
		return make([][2]int, n)
	}
	if one, ok := whole(v); ok {
		v = slices.Repeat([]any{float64(one)}, n)
		if n == 1 {
			v = []any{float64(one), float64(one)}
		}
	}
	list, _ := v.([]any)
	if flat, ok := wholes(v); ok && n == 1 && len(flat) == 2 {
		list = []any{v}
	}
	if len(list) != n {
		return bad()
	}
	for i, e := range list {
		if one, ok := whole(e); ok {
			out[i] = [2]int{one, one}
		} else if two, ok := wholes(e); ok && len(two) == 2 {
			out[i] = [2]int{two[0], two[1]}
		} else {
			return bad()
		}
		if out[i][0] < 0 || out[i][1] < 0 || max(out[i][0], out[i][1]) > 1<<31 {
			return bad()
		}
	}
	return out
}

// space is the first axis of space.
func (c *call) space() int {
	if c.channelsFirst() {
		return 2
	}
	return 1
}

// zeroPadding puts zeros around n axes of space.
func zeroPadding(n int) func(c *call) value {
	return func(c *call) value {
		x, pads := c.ranked(n+2), c.pairs("padding", n)
		front, back := make([]int, n+2), make([]int, n+2)
		x.dims = slices.Clone(x.dims)
		for i, p := range pads {
			k := c.space() + i
			front[k], back[k] = p[0], p[1]
			x.dims[k] = plus(x.dims[k], p[0]+p[1])
		}
		return c.with(x, "Pad", []string{c.ints("pads", append(front, back...)...)})
	}
}

// cropping cuts off what is around n axes of space.
func cropping(n int) func(c *call) value {
	return func(c *call) value {
		x, cut := c.ranked(n+2), c.pairs("cropping", n)
		var from, to, axes []int
		x.dims = slices.Clone(x.dims)
		for i, p := range cut {
			k := c.space() + i
			from, axes = append(from, p[0]), append(axes, k)
			if p[1] == 0 {
				to = append(to, math.MaxInt32)
			} else {
				to = append(to, -p[1])
			}
			if x.dims[k] >= 0 && x.dims[k] <= p[0]+p[1] {
				c.fail("cropping %v leaves nothing of %d", p, x.dims[k])
				return x
			}
			x.dims[k] = plus(x.dims[k], -p[0]-p[1])
		}
		return c.with(x, "Slice", []string{c.ints("from", from...), c.ints("to", to...), c.ints("axes", axes...)})
	}
}

func init() {
	for n := 1; n <= 3; n++ {
		register(fmt.Sprintf("ZeroPadding%dD", n), zeroPadding(n))
		register(fmt.Sprintf("Cropping%dD", n), cropping(n))
	}
}
