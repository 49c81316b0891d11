package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "BatchNormalization", Since: []int64{1, 6, 7, 9, 14, 15}, Rule: batchNormalization})
}

// batchNormalization: X [N C spatial…], scale, B, mean and var [C]; before opset
// 9, without spatial, [C spatial…].
func batchNormalization(c *Call) {
	x := atLeastSingle(c.In(0))
	spatial := c.Opset() >= 9 || c.AttrBool("spatial", true)
	last := c.rows(x, spatial)
	scale, bias, mean, variance := c.channelOf(1, last), c.channelOf(2, last), c.channelOf(3, last), c.channelOf(4, last)
	eps := c.epsilon()
	if !c.batchTraining() {
		y := ops.NormalizeWith(last, mean, variance, scale, bias, eps)
		c.Return(ops.Convert(c.unrows(y, x, spatial), c.Type(0).DType))
		return
	}
	axes := spatialAxes(last.Shape().Rank() + 1)
	for i := range axes {
		axes[i] -= 2 // all but the last
	}
	y, batchMean, batchVariance := ops.Normalize(last, scale, bias, ops.NormDims{Axes: ops.List(axes...), Eps: eps})
	momentum := c.AttrFloat("momentum", 0.9)
	as := func(i int, n *graph.Node) *graph.Node {
		return ops.Reshape(ops.Convert(n, c.Type(i).DType), c.Shape(i))
	}
	run := func(i int, before, now *graph.Node) *graph.Node {
		return as(i, ops.Add(ops.Scale(before, momentum), ops.Scale(now, 1-momentum)))
	}
	results := []*graph.Node{as(0, c.unrows(y, x, spatial)), run(3, mean, batchMean), run(4, variance, batchVariance)}
	c.Update(3, results[1])
	c.Update(4, results[2])
	if c.Opset() < 14 {
		results = append(results, as(3, batchMean), as(4, batchVariance))
	}
	c.Return(results...)
}

// batchTraining says whether the batch is normalised by its own statistics. Before
// opset 14 a node says so by asking for them.
func (c *Call) batchTraining() bool {
	switch {
	case c.Train():
		return !c.Fixed(3)
	case c.Opset() >= 14:
		return c.AttrBool("training_mode", false)
	case c.Opset() < 7 && c.AttrBool("is_test", false):
		return false
	}
	for i := 1; i < c.NumOut(); i++ {
		if c.Wants(i) {
			return true
		}
	}
	return false
}

// rows is x [N C spatial…] with what has a mean of its own last: the channels, or
// without spatial every place of an example.
func (c *Call) rows(x *graph.Node, spatial bool) *graph.Node {
	s := x.Shape()
	switch {
	case s.Rank() == 0:
		c.Fail("want [N C spatial…], got %v", x.Type())
	case s.Rank() == 1:
		return ops.Reshape(x, s.Append(1))
	case !spatial:
		return ops.Reshape(x, tensor.Dims(s.Dim(0), s.Size()/max(s.Dim(0), 1)))
	}
	return channelsLast(x)
}

// unrows brings y back to the shape that x had before rows.
func (c *Call) unrows(y, x *graph.Node, spatial bool) *graph.Node {
	if spatial && x.Shape().Rank() > 1 {
		return channelsSecond(y)
	}
	return ops.Reshape(y, x.Shape())
}

// channelOf is operand i, a number for each column of x, with x's elements.
func (c *Call) channelOf(i int, x *graph.Node) *graph.Node {
	n := c.In(i)
	if n.Shape().Size() != x.Shape().Dim(-1) {
		c.Fail("operand %d is %v, want %d elements", i, n.Type(), x.Shape().Dim(-1))
	}
	return ops.Convert(ops.Reshape(n, tensor.Dims(x.Shape().Dim(-1))), x.DType())
}

// epsilon is the attribute of that name.
func (c *Call) epsilon() float64 {
	eps := c.AttrFloat("epsilon", 1e-5)
	if !(eps >= 0) {
		c.Fail("attribute \"epsilon\" is %v, want at least 0", eps)
	}
	return eps
}
