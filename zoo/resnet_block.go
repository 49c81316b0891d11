package zoo

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
)

// residualBlock is two convolutions beside a shortcut (He et al., 2016, figure 5,
// left): relu(norm(conv(relu(norm(conv(x))))) + shortcut(x)).
type residualBlock struct {
	First    *ConvBlock
	Second   *ConvBlock // without an activation
	Shortcut nn.Layer   // nil where the shape stays
	Act      nn.Layer
}

// The shortcuts of blocks whose shape changes (He et al., section 4.2).
const (
	shortcutPad     = "pad"      // option A: [shrink]
	shortcutPadBoth = "pad-both" // option A with as many channels of zeros before as behind
	shortcutProject = "project"  // option B: a 1x1 convolution with a norm
)

// newResidualBlock draws a block.
func newResidualBlock(r rng.Stream, in, out, stride int, shortcut string) *residualBlock {
	b := &residualBlock{
		First:  newConvBlock(r.Split("first"), in, out, 3, stride, nn.Pad(1, 1)),
		Second: newConvBlock(r.Split("second"), out, out, 3, 1, nn.Pad(1, 1)),
		Act:    nn.Activation("relu"),
	}
	b.Second.Act = nil
	if in == out && stride == 1 {
		return b
	}
	switch shortcut {
	case shortcutProject:
		short := newConvBlock(r.Split("shortcut"), in, out, 1, stride, nn.Padding{})
		short.Act = nil
		b.Shortcut = short
	case shortcutPadBoth:
		b.Shortcut = shrink{stride, out, (out - in) / 2}
	default:
		b.Shortcut = shrink{stride, out, 0}
	}
	return b
}

// Forward implements nn.Layer.
func (b *residualBlock) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	short := x
	if b.Shortcut != nil {
		short = c.In("shortcut", b.Shortcut, x)
	}
	y := c.In("first", b.First, x)
	y = c.In("second", b.Second, y)
	return c.In("act", b.Act, ops.Add(y, short))
}

// shrink takes every Stride-th place along both sides and adds channels of zeros,
// so many of them before the others: [N H W C] → [N H/Stride W/Stride Channels].
// It has no parameters.
type shrink struct{ Stride, Channels, Before int }

// Forward implements nn.Layer.
func (l shrink) Forward(_ *nn.Ctx, x *graph.Node) *graph.Node {
	s := x.Shape()
	x = ops.Slice(x, []int{0, 0, 0, 0}, s.Dims(), []int{1, l.Stride, l.Stride, 1})
	return ops.Pad(x, 0, []int{0, 0, 0, l.Before}, []int{0, 0, 0, l.Channels - l.Before - s.Dim(-1)}, make([]int, 4))
}
