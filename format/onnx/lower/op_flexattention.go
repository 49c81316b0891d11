package lower

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Domain: "ai.onnx.preview", Name: "FlexAttention", Since: []int64{1}, Rule: flexAttention})
}

// flexAttention is attention of [B H L D] with two graphs of the node's: one changes
// the scores before the softmax, one what the softmax gives.
func flexAttention(c *Call) {
	if c.Rank(0) != 4 || c.Rank(1) != 4 || c.Rank(2) != 4 {
		c.Fail("queries %v, keys %v and values %v, want four axes", c.Type(0), c.Type(1), c.Type(2))
	}
	a := &attending{Call: c, q: c.In(0), k: c.In(1), v: c.In(2)}
	a.check()
	a.scale = c.AttrFloat("scale", 1/math.Sqrt(float64(max(a.q.Shape().Dim(3), 1))))
	d := a.q.DType()
	if single := c.l.typeHere(tensor.F32()).DType; d.Bits() < single.Bits() {
		d = single
	}
	d = c.AttrDType("softmax_precision", d)
	scores := c.modified("score_mod", ops.Convert(a.raw(), d))
	probs := c.modified("prob_mod", ops.Softmax(scores, 3))
	c.Return(ops.Convert(a.grouped(probs, ops.Convert(a.v, d)), c.Type(2).DType))
}

// modified is x after the graph that an attribute holds, if it is there.
func (c *Call) modified(attr string, x *graph.Node) *graph.Node {
	if !c.HasAttr(attr) {
		return x
	}
	y := c.nodesOf(c.body(c.AttrGraph(attr), c.valuesOf([]*graph.Node{x})))
	if len(y) != 1 || y[0].Type() != x.Type() {
		c.Fail("the graph %q does not give one result of the type %v", attr, x.Type())
	}
	return y[0]
}
