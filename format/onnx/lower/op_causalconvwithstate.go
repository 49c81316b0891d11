package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "CausalConvWithState", Since: []int64{27}, Rule: causalConv})
}

// causalConv convolves each channel of [B C L] with filters [C 1 k] over the places
// up to its own, after a state [B C k-1] or zeros. The second result is the next
// state.
func causalConv(c *Call) {
	if c.Rank(0) != 3 || c.Rank(1) != 3 || c.Shape(1).Dim(2) < 1 {
		c.Fail("want [B C L] and filters [C 1 k], got %v and %v", c.Type(0), c.Type(1))
	}
	s, k := c.Shape(0), c.Shape(1).Dim(2)
	c.wantShape(1, s.Dim(1), 1, k)
	c.wantShape(3, s.Dim(0), s.Dim(1), k-1)
	x := c.In(0)
	var before *graph.Node
	if c.Has(3) {
		before = c.In(3)
	} else {
		before = c.Graph().Fill(0, tensor.Type{DType: x.DType(), Shape: tensor.Dims(s.Dim(0), s.Dim(1), k-1)})
	}
	all := ops.Concatenate(2, before, x)
	y := channelsSecond(ops.Conv(channelsLast(all), tapsFirst(c.In(1)), c.InOr(2), ops.ConvDims{Groups: s.Dim(1)}))
	switch act := c.AttrString("activation", "none"); act {
	case "none":
	case "silu", "swish":
		y = ops.SiLU(y)
	default:
		c.Fail("attribute \"activation\" is %q, want none, silu or swish", act)
	}
	c.Return(y, part(all, 2, s.Dim(2), s.Dim(2)+k-1))
}
