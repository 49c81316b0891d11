package lower

import (
	"slices"

	"github.com/ihae/ihae/ops"
)

func init() {
	register(Operator{Name: "Conv", Since: []int64{1, 11, 22}, Rule: conv})
}

// conv: X [N C spatial…], W [M C/group taps…], B [M].
func conv(c *Call) {
	w, groups := c.convWindows(0, 1)
	bias := c.InOr(2)
	y := ops.Conv(channelsLast(c.In(0)), tapsFirst(c.In(1)), bias, w.conv(groups))
	c.Return(channelsSecond(y))
}

// convWindows is the windows and groups of a convolution of operand x with the
// filters w.
func (c *Call) convWindows(x, w int) (windows, int) {
	c.sameRank(x, w)
	size := c.Shape(w).Dims()[2:]
	if given := c.AttrInts("kernel_shape"); given != nil && !slices.Equal(given, size) {
		c.Fail("attribute \"kernel_shape\" is %v, the filters are %v", given, c.Shape(w))
	}
	groups := c.AttrInt("group", 1)
	if groups < 1 {
		c.Fail("attribute \"group\" is %d, want at least 1", groups)
	}
	return c.windows(c.Shape(x).Dims()[2:], size), groups
}

// sameRank asks for a convolution's operands [N C spatial…] and [. . taps…].
func (c *Call) sameRank(x, w int) {
	if rank := c.Rank(x); rank < 3 || c.Rank(w) != rank {
		c.Fail("want [N C spatial…] and filters of as many axes, got %v and %v", c.Type(x), c.Type(w))
	}
}
