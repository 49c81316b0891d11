package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "GroupNormalization", Since: []int64{18, 21}, Rule: groupNormalization})
}

// groupNormalization: X [N C spatial…]; scale and bias [C], before opset 21
// [groups].
func groupNormalization(c *Call) {
	groups, dims := c.AttrInt("num_groups", 0), c.Shape(0).Dims()
	if len(dims) < 3 || groups < 1 || dims[1]%groups != 0 {
		c.Fail("%d groups of the channels of %v", groups, c.Type(0))
	}
	width := dims[1] / groups
	x := channelsLast(c.In(0)) // [N spatial… C]
	wide := stashed(x, c.AttrDType("stash_type", c.l.typeHere(tensor.F32()).DType))
	if c.Opset() < 21 {
		wide = stashed(x, c.l.typeHere(tensor.F32()).DType)
	}
	places := x.Shape().Size() / max(dims[0]*dims[1], 1)
	wide = ops.Reshape(wide, c.Dims(dims[0], places, groups, width))
	y, _, _ := ops.Normalize(wide, c.groupScale(1, wide, groups), c.groupScale(2, wide, groups),
		ops.NormDims{Axes: ops.List(1, 3), ScaleAxes: ops.List(2, 3), Eps: c.epsilon()})
	c.Return(channelsSecond(ops.Convert(ops.Reshape(y, x.Shape()), x.DType())))
}

// groupScale is operand i as [groups C/groups], with x's elements.
func (c *Call) groupScale(i int, x *graph.Node, groups int) *graph.Node {
	n, shape := c.In(i), tensor.Dims(groups, x.Shape().Dim(-1))
	want := shape.Size()
	if c.Opset() < 21 {
		want = groups
	}
	if n.Shape().Rank() != 1 || n.Shape().Size() != want {
		c.Fail("operand %d is %v, want [%d]", i, n.Type(), want)
	}
	n = ops.Convert(n, x.DType())
	if c.Opset() < 21 {
		return ops.BroadcastInDim(n, shape, 0)
	}
	return ops.Reshape(n, shape)
}
