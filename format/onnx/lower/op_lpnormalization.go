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
	c.Return(c.named1("lp-normalization", c.In(0), func(x *graph.Node) *graph.Node {
		return inFloat32(x, func(x *graph.Node) *graph.Node {
			norm := root(ops.ReduceSum(raised(x, p), axis), p)
			norm = ops.Select(ops.Eq(norm, ops.Like(norm, 0)), ops.Like(norm, 1), norm)
			return ops.Div(x, c.keepDims(norm, x.Shape(), []int{axis}))
		})
	}))
}

// meanVariance is (x - mean)/(deviation + 1e-9) over axes.
func meanVariance(c *Call) {
	axes := c.AttrInts("axes")
	if axes == nil {
		axes = []int{0, 2, 3}
	}
	axes = c.Axes(axes, c.Rank(0))
	if len(axes) == 0 {
		c.Fail("no axes to normalise over")
	}
	c.Return(c.named1("mean-variance-normalization", c.In(0), func(x *graph.Node) *graph.Node {
		return inFloat32(x, func(x *graph.Node) *graph.Node {
			keep := func(n *graph.Node) *graph.Node { return c.keepDims(n, x.Shape(), axes) }
			centred := ops.Sub(x, keep(ops.Mean(x, axes...)))
			deviation := ops.Sqrt(ops.Mean(ops.Mul(centred, centred), axes...))
			return ops.Div(centred, keep(ops.Add(deviation, ops.Like(deviation, 1e-9))))
		})
	}))
}
