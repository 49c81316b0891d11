package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

func init() {
	register(Operator{Name: "SplitToSequence", Since: []int64{11, 24}, Rule: splitToSequence})
}

// maxParts bounds the values that a split makes.
const maxParts = 1 << 20

// splitToSequence cuts a tensor along an axis into parts of sizes, or of one size,
// or of size one, without the axis if keepdims is 0.
func splitToSequence(c *Call) {
	if c.Kind(0) == KindStrings {
		f := c.movingTexts(func(x *Call) { x.Return(x.splits()...) })
		c.returnSequence(0, c.hostValues(f, 0, 1))
		return
	}
	c.returnSequence(0, c.valuesOf(c.splits()))
}

// splits is what operand 0, a tensor, is cut into.
func (c *Call) splits() []*graph.Node {
	axis := c.Axis(c.AttrInt("axis", 0), c.Rank(0))
	sizes := c.partSizes(c.Shape(0).Dim(axis))
	x := c.In(0)
	drop := !c.Has(1) && !c.AttrBool("keepdims", true)
	nodes := make([]*graph.Node, len(sizes))
	from := 0
	for i, n := range sizes {
		if nodes[i] = part(x, axis, from, from+n); drop {
			nodes[i] = ops.Reshape(nodes[i], x.Shape().Without(axis))
		}
		from += n
	}
	return nodes
}

// partSizes is the sizes of the parts of an axis of n places.
func (c *Call) partSizes(n int) []int {
	size := 1
	if c.Has(1) {
		list := c.Ints(1)
		if c.Rank(1) > 0 {
			c.partsFill(list, n)
			return list
		}
		if size = list[0]; size < 1 {
			c.Fail("parts of size %d", size)
		}
	}
	if (n+size-1)/size > maxParts {
		c.Fail("more than %d parts", maxParts)
	}
	var sizes []int
	for from := 0; from < n; from += size {
		sizes = append(sizes, min(size, n-from))
	}
	return sizes
}

// partsFill ends the rule unless parts of the given sizes fill n places.
func (c *Call) partsFill(sizes []int, n int) {
	rest := n
	for _, s := range sizes {
		if s < 0 || s > rest {
			c.Fail("parts of sizes %v do not fill %d places", sizes, n)
		}
		rest -= s
	}
	if rest != 0 || len(sizes) > maxParts {
		c.Fail("parts of sizes %v do not fill %d places", sizes, n)
	}
}
