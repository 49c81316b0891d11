package lower

import "github.com/ihae/ihae/graph"

func init() {
	register(Operator{Name: "Split", Since: []int64{1, 2, 11, 13, 18}, Rule: moves(split)})
}

func split(c *Call) {
	axis := c.Axis(c.AttrInt("axis", 0), c.Rank(0))
	sizes := c.parts(c.Shape(0).Dim(axis))
	x := c.In(0)
	var parts []*graph.Node
	at := 0
	for _, n := range sizes {
		parts = append(parts, part(x, axis, at, at+n))
		at += n
	}
	c.Return(parts...)
}

// parts is the sizes of the parts of an axis of n places: those given by the
// attribute (before opset 13) or by operand 1, or as many equal ones as there are
// results, of which from opset 18 on the last may be smaller.
func (c *Call) parts(n int) []int {
	var sizes []int
	switch {
	case c.Has(1) && c.Opset() < 2: // of the type of operand 0
		for _, v := range c.Floats(1) {
			sizes = append(sizes, int(v))
		}
	case c.Has(1):
		sizes = c.Ints(1)
	case c.Opset() < 13 && c.HasAttr("split"):
		sizes = c.AttrInts("split")
	default:
		return c.equalParts(n)
	}
	sum := 0
	for _, d := range sizes {
		if d < 0 || d > n-sum {
			c.Fail("parts of %v of an axis of size %d", sizes, n)
		}
		sum += d
	}
	if sum != n || len(sizes) < c.NumOut() {
		c.Fail("parts of %v of an axis of size %d for %d results", sizes, n, c.NumOut())
	}
	return sizes
}

func (c *Call) equalParts(n int) []int {
	count := c.NumOut()
	if c.Opset() >= 18 {
		count = c.AttrInt("num_outputs", count)
	}
	if count < 1 || count < c.NumOut() || c.Opset() < 18 && n%count != 0 {
		c.Fail("%d parts of an axis of size %d for %d results", count, n, c.NumOut())
	}
	size := (n + count - 1) / count
	last := n - size*(count-1)
	if last < 0 || count > 1<<16 {
		c.Fail("%d parts of an axis of size %d", count, n)
	}
	sizes := make([]int, count)
	for i := range sizes {
		sizes[i] = size
	}
	sizes[count-1] = last
	return sizes
}
