package lower

import (
	"github.com/ihae/ihae/ops"
)

func init() {
	register(Operator{Name: "DepthToSpace", Since: []int64{1, 11, 13, 28}, Rule: moves(depthToSpace)})
	register(Operator{Name: "SpaceToDepth", Since: []int64{1, 13, 28}, Rule: moves(spaceToDepth)})
}

// depthToSpace lays each b² channels of [N C H W] out as a block: [N C/b² bH bW].
// Which channels are a block's is the mode's: DCR every C/b²-th, CRD b² neighbours.
func depthToSpace(c *Call) {
	b, s := c.block()
	n, ch, h, w := s[0], s[1], s[2], s[3]
	if ch%(b*b) != 0 {
		c.Fail("%d channels in blocks of %d", ch, b*b)
	}
	parts, perm := c.Dims(n, b, b, ch/(b*b), h, w), []int{0, 3, 4, 1, 5, 2}
	if c.columnFirst() {
		parts, perm = c.Dims(n, ch/(b*b), b, b, h, w), []int{0, 1, 4, 2, 5, 3}
	}
	x := ops.Transpose(ops.Reshape(c.In(0), parts), perm...)
	c.Return(ops.Reshape(x, c.Dims(n, ch/(b*b), h*b, w*b)))
}

// spaceToDepth is the other way.
func spaceToDepth(c *Call) {
	b, s := c.block()
	n, ch, h, w := s[0], s[1], s[2], s[3]
	if h%b != 0 || w%b != 0 {
		c.Fail("%v in blocks of %d by %d", c.Shape(0), b, b)
	}
	perm := []int{0, 3, 5, 1, 2, 4}
	if c.columnFirst() {
		perm = []int{0, 1, 3, 5, 2, 4}
	}
	x := ops.Transpose(ops.Reshape(c.In(0), c.Dims(n, ch, h/b, b, w/b, b)), perm...)
	c.Return(ops.Reshape(x, c.Dims(n, ch*b*b, h/b, w/b)))
}

// block is the size of a block, and the sizes of operand 0.
func (c *Call) block() (size int, dims []int) {
	b := c.AttrInt("blocksize", 0)
	if c.Rank(0) != 4 || b < 1 || b > 1<<20 {
		c.Fail("blocks of %d in %v, want [N C H W]", b, c.Shape(0))
	}
	return b, c.Shape(0).Dims()
}

func (c *Call) columnFirst() bool {
	mode := c.AttrString("mode", "DCR")
	if mode != "DCR" && mode != "CRD" {
		c.Fail("mode %q is unknown", mode)
	}
	return mode == "CRD"
}
