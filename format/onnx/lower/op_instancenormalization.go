package lower

import "github.com/ihae/ihae/ops"

func init() {
	register(Operator{Name: "InstanceNormalization", Since: []int64{1, 6, 22}, Rule: instanceNormalization})
}

// instanceNormalization: X [N C spatial…], scale and B [C].
func instanceNormalization(c *Call) {
	if c.Rank(0) < 3 {
		c.Fail("want [N C spatial…], got %v", c.Type(0))
	}
	x := channelsLast(atLeastSingle(c.In(0)))
	axes := spatialAxes(c.Rank(0))
	for i := range axes {
		axes[i]-- // [N spatial… C]
	}
	y, _, _ := ops.Normalize(x, c.channelOf(1, x), c.channelOf(2, x), ops.NormDims{Axes: ops.List(axes...), Eps: c.epsilon()})
	c.Return(ops.Convert(channelsSecond(y), c.Type(0).DType))
}
