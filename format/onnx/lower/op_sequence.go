package lower

import (
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

func init() {
	since := []int64{11}
	register(Operator{Name: "SequenceEmpty", Since: since, Rule: func(c *Call) { c.returnSequence(0, nil) }})
	register(Operator{Name: "SequenceConstruct", Since: since, Rule: sequenceConstruct})
	register(Operator{Name: "SequenceAt", Since: since, Rule: sequenceAt})
	register(Operator{Name: "SequenceInsert", Since: since, Rule: sequenceInsert})
	register(Operator{Name: "SequenceErase", Since: since, Rule: sequenceErase})
	register(Operator{Name: "SequenceLength", Since: since, Rule: func(c *Call) { c.returnInt(0, len(c.sequence(0))) }})
	register(Operator{Name: "ConcatFromSequence", Since: since, Rule: concatFromSequence})
	register(Operator{Name: "SequenceMap", Since: []int64{17}, Rule: sequenceMap})
}

func sequenceConstruct(c *Call) {
	items := make([]*value, c.NumIn())
	for i := range items {
		items[i] = c.value(i)
	}
	c.returnSequence(0, items)
}

func sequenceAt(c *Call) {
	items := c.sequence(0)
	c.value(1)
	c.set(0, items[c.position(1, len(items), 0)])
}

// sequenceInsert puts operand 1 before a place, which may be the end.
func sequenceInsert(c *Call) {
	items := c.sequence(0)
	n := len(items)
	at := n
	if c.Has(2) {
		if at = c.Int(2); at < -n || at > n {
			c.Fail("position %d in a sequence of %d", at, n)
		}
		if at < 0 {
			at += n
		}
	}
	c.returnSequence(0, slices.Insert(slices.Clone(items), at, c.value(1)))
}

func sequenceErase(c *Call) {
	items := c.sequence(0)
	if len(items) == 0 {
		c.Fail("nothing to erase in an empty sequence")
	}
	at := c.position(1, len(items), len(items)-1)
	c.returnSequence(0, slices.Delete(slices.Clone(items), at, at+1))
}

// concatFromSequence joins what a sequence holds along an axis, or a new one.
func concatFromSequence(c *Call) {
	items := c.sequence(0)
	if len(items) == 0 {
		c.Fail("nothing to join in an empty sequence")
	}
	if items[0].kind == KindStrings {
		f := c.movingTexts(func(x *Call) { x.Return(x.joined(x.Ins(0))) })
		out, err := c.l.hostCall(c, f, items)
		c.check(err)
		c.out = out
		return
	}
	c.Return(c.joined(c.nodesOf(items)))
}

func (c *Call) joined(nodes []*graph.Node) *graph.Node {
	rank, axis := nodes[0].Shape().Rank(), c.AttrInt("axis", 0)
	if !c.AttrBool("new_axis", false) {
		return ops.Concatenate(c.Axis(axis, rank), nodes...)
	}
	axis = c.Axis(axis, rank+1)
	for i, n := range nodes {
		if n.Shape().Rank() != rank {
			c.Fail("value %d of the sequence is %v, the first %v", i, n.Type(), nodes[0].Type())
		}
		nodes[i] = ops.Reshape(n, c.Dims(slices.Insert(n.Shape().Dims(), axis, 1)...))
	}
	return ops.Concatenate(axis, nodes...)
}

// sequenceMap is the body of each element of the first operand, a sequence, and
// the elements of the same place of other sequences; tensors are the same for all.
func sequenceMap(c *Call) {
	g := c.AttrGraph("body")
	n := len(c.sequence(0))
	results := make([][]*value, len(g.Outputs))
	held := &[]*value{}
	c.l.held = append(c.l.held, held)
	depth := len(c.l.held)
	defer func() { c.l.held = c.l.held[:depth-1] }()
	for i := range n {
		c.turn(c.number(i), func() {
			for j, v := range c.body(g, c.elements(i, n)) {
				results[j] = append(results[j], v)
				*held = append(*held, v)
			}
		})
	}
	for j, items := range results {
		c.returnSequence(j, items)
	}
}

// elements is the operands for step i of n.
func (c *Call) elements(i, n int) []*value {
	in := make([]*value, c.NumIn())
	for j := range in {
		if in[j] = c.value(j); in[j].kind != KindSequence {
			continue
		}
		if len(in[j].items) != n {
			c.Fail("sequences of %d and %d values", n, len(in[j].items))
		}
		in[j] = in[j].items[i]
	}
	return in
}
