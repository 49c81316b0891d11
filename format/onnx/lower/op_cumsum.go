package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

func init() {
	register(Operator{Name: "CumSum", Since: []int64{11, 14}, Rule: func(c *Call) { cumulative(c, ops.CumSum) }})
	register(Operator{Name: "CumProd", Since: []int64{26}, Rule: func(c *Call) { cumulative(c, ops.CumProd) }})
}

func cumulative(c *Call, f func(*graph.Node, ops.CumDims) *graph.Node) {
	d := ops.CumDims{
		Axis:    c.Axis(c.Int(1), c.Rank(0)),
		Reverse: c.AttrBool("reverse", false), Exclusive: c.AttrBool("exclusive", false),
	}
	c.Return(inFloat32(c.In(0), func(x *graph.Node) *graph.Node { return f(x, d) }))
}
