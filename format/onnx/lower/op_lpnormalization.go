package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

func init() {
	register(Operator{Name: "LpNormalization", Since: []int64{1, 22}, Rule: lpNormalization})
	register(Operator{Name: "MeanVarianceNormalization", Since: []int64{9, 13}, Rule: meanVariance})
}

// lpNormalization divides by the norm along an axis; zeros stay zeros.
func lpNormalization(c *Call) {
	axis, p := c.Axis(c.AttrInt("axis", -1), c.Rank(0)), c.power()
	x := c.In(0)
	norm := root(ops.ReduceSum(raised(x, p), axis), p)
	zero := ops.Like(norm, 0)
	norm = ops.Select(ops.Eq(norm, zero), ops.Like(norm, 1), norm)
	c.Return(ops.Div(x, c.keepDims(norm, x.Shape(), []int{axis})))
}

// meanVariance is (x - mean)/(deviation + 1e-9) over axes.
func meanVariance(c *Call) {
	axes := c.AttrInts("axes")
	if axes == nil {
		axes = []int{0, 2, 3}
	}
	axes = c.Axes(axes, c.Rank(0))
	x := c.In(0)
	if len(axes) == 0 {
		c.Fail("no axes to normalise over")
	}
	keep := func(n *graph.Node) *graph.Node { return c.keepDims(n, x.Shape(), axes) }
	centred := ops.Sub(x, keep(ops.Mean(x, axes...)))
	deviation := ops.Sqrt(ops.Mean(ops.Mul(centred, centred), axes...))
	c.Return(ops.Div(centred, keep(ops.Add(deviation, ops.Like(deviation, 1e-9)))))
}
