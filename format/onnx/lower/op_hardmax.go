package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

func init() {
	register(Operator{Name: "Hardmax", Since: []int64{1, 11, 13}, Rule: func(c *Call) { shares(c, hardmax) }})
}

// hardmax is 1 at the first largest element along an axis, and 0 elsewhere.
func hardmax(x *graph.Node, axis int) *graph.Node {
	s := x.Shape()
	first := ops.OneHot(ops.ArgMax(x, axis), s.Dim(axis), x.DType())
	return moveAxis(first, s.Rank()-1, axis)
}
