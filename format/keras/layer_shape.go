package keras

import "github.com/ihae/ihae/format/onnx"

// flatten puts everything behind the batch on one axis.
func flatten(c *call) value {
	x := c.one()
	if c.channelsFirst() && x.rank() > 2 {
		x = c.lastly(x)
	}
	n := 1
	for _, d := range x.dims[1:] {
		n = c.product(n, d)
	}
	return value{c.add("Flatten", []string{x.name}, onnx.Int("axis", 1)), []int{x.dims[0], n}, x.elem}
}

// product multiplies sizes that may not be known.
func (c *call) product(a, b int) int {
	if a < 0 || b < 0 {
		return -1
	}
	if b > 0 && a > maxSize/b {
		c.fail("%d times %d elements", a, b)
		return -1
	}
	return a * b
}

// reshapeLayer gives the axes behind the batch other sizes, one of which may be
// -1.
func reshapeLayer(c *call) value {
	x := c.one()
	target, ok := wholes(c.layer.config["target_shape"])
	if !ok {
		c.fail("target_shape is %.40v", c.layer.config["target_shape"])
		return x
	}
	have, want, open := 1, 1, -1
	for _, d := range x.dims[1:] {
		have = c.product(have, d)
	}
	dims := append([]int{x.dims[0]}, target...)
	for i, d := range target {
		switch {
		case d == -1 && open < 0:
			open = i + 1
		case d < 1:
			c.fail("target_shape is %v", target)
			return x
		default:
			want = c.product(want, d)
		}
	}
	if have >= 0 && (have%max(want, 1) != 0 || open < 0 && have != want) {
		c.fail("%v cannot become %v", x.dims[1:], target)
		return x
	}
	y := c.reshape(x, dims)
	if open > 0 && have >= 0 {
		y.dims[open] = have / want
	}
	return y
}

// permuteLayer orders the axes behind the batch, which are counted from 1.
func permuteLayer(c *call) value {
	x := c.one()
	dims, ok := wholes(c.layer.config["dims"])
	seen := map[int]bool{}
	for _, d := range dims {
		ok = ok && d >= 1 && d < x.rank() && !seen[d]
		seen[d] = true
	}
	if !ok || len(dims) != x.rank()-1 {
		c.fail("dims is %.40v for an input with %d axes", c.layer.config["dims"], x.rank())
		return x
	}
	return c.permute(x, append([]int{0}, dims...)...)
}

// repeatVector gives each vector n times: [N D] → [N n D].
func repeatVector(c *call) value {
	x, n := c.ranked(2), c.size("n")
	y := value{c.add("Unsqueeze", []string{x.name, c.ints("axes", 1)}), []int{x.dims[0], n, x.dims[1]}, x.elem}
	return c.with(y, "Expand", []string{c.ints("shape", 1, n, 1)})
}

func init() {
	register("Flatten", flatten)
	register("Reshape", reshapeLayer)
	register("Permute", permuteLayer)
	register("RepeatVector", repeatVector)
}
