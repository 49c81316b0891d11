package lower

import (
	"fmt"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "If", Since: []int64{1, 11, 13, 16, 19, 21, 23, 24, 25}, Rule: branch})
}

// branch lowers the branch that is taken where that can be decided, and both as
// one If, which gives values of one type, otherwise.
func branch(c *Call) {
	then, els := c.AttrGraph("then_branch"), c.AttrGraph("else_branch")
	if c.decidable(0) {
		taken := els
		if c.truth(c.value(0)) {
			taken = then
		}
		c.out = c.body(taken, nil)
		return
	}
	pred := ops.Reshape(c.In(0), tensor.Dims())
	var first []*graph.Node
	side := func(g *onnx.Graph) func(*graph.Graph) []*graph.Node {
		return func(b *graph.Graph) (out []*graph.Node) {
			c.l.within(b, func() { out = c.nodesOf(c.body(g, nil)) })
			if first == nil {
				first = out
			}
			c.sameShapes(first, out)
			return out
		}
	}
	c.out = c.valuesOf(ops.IfIn(pred, side(then), side(els)))
}

// sameShapes asks that what the branches give has the same shapes.
func (c *Call) sameShapes(then, els []*graph.Node) {
	if len(then) != len(els) {
		c.Fail("one branch gives %d results, the other %d", len(then), len(els))
	}
	for i, n := range then {
		if n.Shape() != els[i].Shape() {
			panic(stop{&DynamicError{fmt.Sprintf("whether result %d is of shape %v or %v", i, n.Shape(), els[i].Shape())}})
		}
	}
}

// truth is the content of v, one truth value.
func (c *Call) truth(v *value) bool {
	if v.kind != KindTensor {
		c.Fail("a condition is no tensor")
	}
	w := tensor.Widen(c.l.demand(c, v, "a condition").Tensor)
	if len(w.I) != 1 {
		c.Fail("a condition is %v, want one bool", w.Type)
	}
	return w.I[0] != 0
}
