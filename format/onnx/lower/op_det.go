package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

func init() {
	register(Operator{Name: "Det", Since: []int64{11, 22}, Rule: func(c *Call) {
		c.Return(inFloat32(c.In(0), func(x *graph.Node) *graph.Node { return ops.Det(x) }))
	}})
}
