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
	c.sameChannels(0, 1, groups)
	y := ops.Conv(channelsLast(c.In(0)), tapsFirst(c.In(1)), c.InOr(2), w.conv(groups))
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
	c.windowSizes("group", []int{groups}, 1, 1)
	return c.windows(c.Shape(x).Dims()[2:], size), groups
}

// sameRank asks for a convolution's operands [N C spatial…] and [. . taps…].
func (c *Call) sameRank(x, w int) {
	if rank := c.Rank(x); rank < 3 || c.Rank(w) != rank {
		c.Fail("want [N C spatial…] and filters of as many axes, got %v and %v", c.Type(x), c.Type(w))
	}
}

// sameChannels asks for filters w [M C/group taps…] of x's channels.
func (c *Call) sameChannels(x, w, groups int) {
	if channels, m := c.Shape(x).Dim(1), c.Shape(w).Dim(0); channels != c.Shape(w).Dim(1)*groups || m%groups != 0 {
		c.Fail("the input has %d channels, the filters are %v in %d groups", channels, c.Type(w), groups)
	}
}
