package ops

import "github.com/ihae/ihae/graph"

// hoist moves what is the same in every step out of the scan, where it becomes
// one more constant; nil if there is no such thing. What is larger than what it
// is made of stays: to read it in every step costs more than to make it.
func (op scan) hoist(n *graph.Inst) []*graph.Node {
	found := op.invariants()
	if len(found) == 0 {
		return nil
	}
	c, xs := op.Carry, op.xs()
	outside := map[*graph.Node]*graph.Node{}
	for i := c; i < xs; i++ {
		outside[op.Body.In[i]] = n.In()[i]
	}
	made := n.Graph().Copy(found, outside)
	more := func(l, with []*graph.Node) []*graph.Node {
		return append(append(append([]*graph.Node{}, l[:xs]...), with...), l[xs:]...)
	}
	next := scan{Carry: c, Consts: op.Consts + len(found), Length: op.Length, Reverse: op.Reverse}
	next.Body = apart(op.Body.Name, more(op.Body.In, found), op.Body.Out)
	return graph.Apply(next, more(n.In(), made)...)
}

// invariants is the nodes of the body that depend on constants alone and that
// something else needs.
func (op scan) invariants() []*graph.Node {
	still := map[*graph.Node]bool{}
	for _, x := range op.Body.In[op.Carry:op.xs()] {
		still[x] = true
	}
	var found []*graph.Node
	need := func(a *graph.Node) {
		if still[a] && len(a.In()) > 0 && index(found, a) < 0 {
			found = append(found, a)
		}
	}
	for _, i := range graph.Reachable(op.Body.Out) {
		if staysStill(i, still) {
			for _, y := range i.Out() {
				still[y] = true
			}
			continue
		}
		for _, a := range i.In() {
			need(a)
		}
	}
	for _, y := range op.Body.Out {
		need(y)
	}
	return found
}

// staysStill says whether i computes from what is still, or from constants of
// the graph beside it, what is no larger than that.
func staysStill(i *graph.Inst, still map[*graph.Node]bool) bool {
	any, from, to := false, 0, 0
	for _, a := range i.In() {
		_, fill := fillOf(a)
		_, constant := a.Op().(*graph.Const)
		if !still[a] && !fill && !constant {
			return false
		}
		any = any || still[a]
		from += a.Type().Bytes()
	}
	for _, y := range i.Out() {
		to += y.Type().Bytes()
	}
	_, alias := i.Op().(graph.Aliasing)
	return any && to <= from && !alias
}
