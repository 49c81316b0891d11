package graph

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/tensor"
)

// Rule replaces the backward rule of an operation: it has VJP's contract.
type Rule func(ct []*Node, n *Inst) []*Node

// Backward says what to differentiate and how. The zero fields mean: seeds of
// one, every operation's own rule.
type Backward struct {
	Of    []*Node         // the nodes whose weighted sum is differentiated
	Seeds []*Node         // the weights: the cotangent of each node of Of
	Rules map[string]Rule // by operation name, in place of its VJP
}

// Grad returns the gradient of the sum of y's elements with respect to each
// node in wrt, which may be any node of the graph. A node that y does not
// depend on gets zeros.
func Grad(y *Node, wrt ...*Node) []*Node { return Backward{Of: []*Node{y}}.Grad(wrt...) }

// Grad returns the cotangent of each node in wrt (reverse mode; any node, not
// only leaves). The result is made of ordinary nodes: differentiate it again
// for higher orders.
func (b Backward) Grad(wrt ...*Node) []*Node {
	g := b.Of[0].inst.g
	if g.err != nil {
		return wrt
	}
	for _, n := range slices.Concat(b.Of, b.Seeds, wrt) {
		if n.inst.g != g {
			g.Fail("gradient", fmt.Errorf("%v belongs to another graph", n))
			return wrt
		}
	}
	if b.Seeds != nil && len(b.Seeds) != len(b.Of) {
		g.Fail("gradient", fmt.Errorf("%d seeds for %d nodes", len(b.Seeds), len(b.Of)))
		return wrt
	}
	w := walker{b: b, g: g, ct: map[*Node]*Node{}, needs: reaching(g, wrt)}
	last := 0
	for i, y := range b.Of {
		var seed *Node
		if b.Seeds != nil {
			seed = b.Seeds[i]
		} else {
			seed = g.Fill(1, y.typ)
		}
		w.add(y, seed)
		last = max(last, y.inst.id)
	}
	for id := last; id >= 0 && g.err == nil; id-- {
		w.visit(g.insts[id])
	}
	out := make([]*Node, len(wrt))
	for i, n := range wrt {
		if out[i] = w.ct[n]; out[i] == nil {
			out[i] = g.Fill(0, n.typ)
		}
	}
	return out
}

// reaching marks the instructions from which some node of wrt can be reached
// by going to operands: only they need a cotangent.
func reaching(g *Graph, wrt []*Node) []bool {
	needs := make([]bool, len(g.insts))
	for _, n := range wrt {
		needs[n.inst.id] = true
	}
	for id, n := range g.insts {
		for _, in := range n.in {
			needs[id] = needs[id] || needs[in.inst.id]
		}
	}
	return needs
}

type walker struct {
	b     Backward
	g     *Graph
	ct    map[*Node]*Node
	needs []bool
}

// add adds c to the cotangent of n.
func (w *walker) add(n, c *Node) {
	if c.typ != n.typ && w.g.err == nil {
		w.g.Fail(n.Op().Name(), fmt.Errorf("a cotangent of %v has type %v", n, c.typ))
		return
	}
	if sofar := w.ct[n]; sofar != nil {
		c = Apply1(sum{}, sofar, c)
	}
	w.ct[n] = c
}

// visit gives the cotangents of n's results on to its operands.
func (w *walker) visit(n *Inst) {
	if len(n.in) == 0 || !w.needs[n.id] {
		return
	}
	ct, any := make([]*Node, len(n.out)), false
	for i, y := range n.out {
		ct[i] = w.ct[y]
		any = any || ct[i] != nil
	}
	if !any || !w.operandNeeds(n) {
		return
	}
	rule := w.b.Rules[n.op.Name()]
	if rule == nil {
		d, ok := n.op.(Differentiable)
		if !ok {
			w.g.Fail(n.op.Name(), fmt.Errorf("has no gradient"))
			return
		}
		rule = d.VJP
		if r, ok := n.op.(Ruled); ok {
			rule = func(ct []*Node, n *Inst) []*Node { return r.VJPWith(w.b.Rules, ct, n) }
		}
	}
	cts := rule(ct, n)
	if cts != nil && len(cts) != len(n.in) {
		w.g.Fail(n.op.Name(), fmt.Errorf("its gradient has %d cotangents for %d operands", len(cts), len(n.in)))
		return
	}
	for i, c := range cts {
		if c != nil && w.needs[n.in[i].inst.id] {
			w.add(n.in[i], c)
		}
	}
}

// operandNeeds says whether any operand of n leads to a wanted node.
func (w *walker) operandNeeds(n *Inst) bool {
	for _, in := range n.in {
		if w.needs[in.inst.id] && in.typ.DType.Float() {
			return true
		}
	}
	return false
}

// Zeros is a cotangent of nothing: what a rule uses in place of a nil ct.
func Zeros(n *Node) *Node { return n.inst.g.Fill(0, tensor.Type(n.typ)) }
