package lower

import "github.com/ihae/ihae/ops"

func init() {
	register(Operator{Name: "Gather", Since: []int64{1, 11, 13}, Rule: moves(gather)})
	register(Operator{Name: "GatherElements", Since: []int64{11, 13}, Rule: moves(gatherElements)})
	register(Operator{Name: "GatherND", Since: []int64{11, 12, 13}, Rule: moves(gatherND)})
}

func gather(c *Call) {
	axis := c.Axis(c.AttrInt("axis", 0), c.Rank(0))
	ids := c.index(1, c.Shape(0).Dim(axis))
	c.Return(ops.Take(c.In(0), ids, axis))
}

func gatherElements(c *Call) {
	axis := c.Axis(c.AttrInt("axis", 0), c.Rank(0))
	ids := c.index(1, c.Shape(0).Dim(axis))
	c.Return(ops.TakeAlongAxis(c.In(0), ids, axis))
}

func gatherND(c *Call) {
	d := c.elementsND(c.AttrInt("batch_dims", 0))
	ids := c.index(1, c.Shape(0).Dims()[d.BatchX.Len():][:d.Axes.Len()]...)
	c.Return(ops.Gather(c.In(0), ids, d))
}

// elementsND is how the vectors along the last axis of operand 1 lie in operand
// 0: the first axes of both go together, then come the axes that the numbers of a
// vector count along; the others are taken as a whole.
func (c *Call) elementsND(batch int) ops.GatherDims {
	x, ids := c.Shape(0), c.Shape(1)
	if ids.Rank() == 0 {
		c.Fail("indices are %v, want vectors", c.Type(1))
	}
	k := ids.Dim(-1)
	if batch < 0 || batch >= ids.Rank() || batch > x.Rank() || k > x.Rank()-batch {
		c.Fail("indices %v with %d axes of a batch for %v", ids, batch, x)
	}
	size := x.Dims()
	for i := range batch + k {
		if i < batch && x.Dim(i) != ids.Dim(i) {
			c.Fail("axis %d of the batch has sizes %d and %d", i, x.Dim(i), ids.Dim(i))
		}
		size[i] = 1
	}
	all := upTo(tensorAxes)
	return ops.GatherDims{
		Axes: ops.List(all[batch : batch+k]...), Collapsed: ops.List(all[batch : batch+k]...),
		Size:   ops.List(size...),
		Offset: ops.List(all[ids.Rank()-1:][:x.Rank()-batch-k]...),
		BatchX: ops.List(all[:batch]...), BatchIndices: ops.List(all[:batch]...),
	}
}
