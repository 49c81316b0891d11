package lower

import (
	"slices"

	"github.com/ihae/ihae/ops"
)

func init() {
	register(Operator{Name: "Transpose", Since: []int64{1, 13, 21, 23, 24, 25}, Rule: moves(transpose)})
}

func transpose(c *Call) {
	rank := c.Rank(0)
	perm := upTo(rank)
	slices.Reverse(perm)
	if c.HasAttr("perm") {
		perm = c.Axes(c.AttrInts("perm"), rank)
	}
	if len(perm) != rank {
		c.Fail("perm %v for %d axes", perm, rank)
	}
	if rank == 0 {
		c.ReturnIn(0, 0)
		return
	}
	c.Return(ops.Transpose(c.In(0), perm...))
}
