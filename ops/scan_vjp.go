package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
)

// keepFLOPs is how many floating-point operations for each element read or
// written make an operation worth storing for the gradient of a scan: sums and
// chains of elementwise functions lie below, contractions of some size above.
const keepFLOPs = 16

// VJP implements graph.Differentiable.
func (op scan) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node { return op.VJPWith(nil, ct, n) }

// VJPWith implements graph.Ruled: the cotangents of the carries run through
// time the other way. Those of constants add up on the way, or, where they are
// sums of contractions, are one contraction over time of what its steps give.
func (op scan) VJPWith(rules map[string]graph.Rule, ct []*graph.Node, n *graph.Inst) []*graph.Node {
	s := newScanGrad(op, n, ct)
	if s == nil {
		return nil
	}
	s.differentiate(rules)
	if n.Graph().Adopt(s.g); n.Graph().Err() != nil {
		return n.In()
	}
	s.store()
	s.backward()
	return s.cotangents()
}

// scanGrad is the gradient of a scan under construction: first one step of it,
// in a graph of its own, then the scans around forward and backward steps.
type scanGrad struct {
	op   scan
	n    *graph.Inst
	ct   []*graph.Node // of the scan's results; nil for none
	g    *graph.Graph  // of one step, forward and backward
	in   []*graph.Node // leaves: what the body takes
	out  []*graph.Node // what it gives
	mark int           // instructions of the step before its gradient

	active []bool        // by carry: it has a cotangent
	seeds  []*graph.Node // by output: the leaf of its cotangent, or nil
	grads  []*graph.Node // by input: its cotangent, or nil

	kept  []*graph.Node // what forward steps store
	stack []*graph.Node // kept over time, in the graph of n

	sums   []func() *graph.Node // by constant: how its cotangent is made, or nil
	adding []int                // constants whose cotangents add up as carries
	given  []*graph.Node        // what backward steps give over time
	last   []*graph.Node        // the last carries of the backward scan
	over   []*graph.Node        // given over time, in the graph of n
}

// newScanGrad is nil if no carry and no result has a cotangent.
func newScanGrad(op scan, n *graph.Inst, ct []*graph.Node) *scanGrad {
	s := &scanGrad{op: op, n: n, ct: ct, g: graph.New()}
	s.in = leavesOf(s.g, "in", op.Body.InTypes())
	s.out = s.g.Inline(op.Body, s.in...)
	s.mark = len(s.g.Insts())
	s.seeds = make([]*graph.Node, len(s.out))
	any := false
	for i, y := range s.out {
		if ct[i] != nil && y.DType().Float() {
			s.seeds[i] = s.g.Leaf(fmt.Sprint("ct.", i), y.Type())
			any = true
		}
	}
	if !any {
		return nil
	}
	s.activate()
	return s
}

// activate finds the carries that have a cotangent: those whose last value has
// one, and those that what has a cotangent depends on.
func (s *scanGrad) activate() {
	s.active = make([]bool, s.op.Carry)
	for changed := true; changed; {
		changed = false
		var from []*graph.Node
		for i, y := range s.out {
			if s.seeds[i] != nil {
				from = append(from, y)
			}
		}
		need := map[*graph.Inst]bool{}
		for _, i := range graph.Reachable(from) {
			need[i] = true
		}
		for k := range s.active {
			leaf := s.in[k]
			if s.active[k] || !leaf.DType().Float() || s.seeds[k] == nil && !need[leaf.Inst()] {
				continue
			}
			s.active[k], changed = true, true
			if s.seeds[k] == nil {
				s.seeds[k] = s.g.Leaf(fmt.Sprint("ct.", k), leaf.Type())
			}
		}
	}
}

// differentiate takes the gradient of one step.
func (s *scanGrad) differentiate(rules map[string]graph.Rule) {
	b := graph.Backward{Rules: rules}
	for i, y := range s.out {
		if s.seeds[i] != nil {
			b.Of, b.Seeds = append(b.Of, y), append(b.Seeds, s.seeds[i])
		}
	}
	var wrt []*graph.Node
	for i, x := range s.in {
		if x.DType().Float() && (i >= s.op.Carry || s.active[i]) {
			wrt = append(wrt, x)
		}
	}
	s.grads = make([]*graph.Node, len(s.in))
	for _, c := range b.Grad(wrt...) {
		s.grads[index(s.in, wrt[0])] = c
		wrt = wrt[1:]
	}
}

// store finds what backward steps need of forward ones, and adds the forward
// scan that stores it. A plan makes one of it and the scan that was there.
func (s *scanGrad) store() {
	seen := map[*graph.Node]bool{}
	var visit func(n *graph.Node)
	visit = func(n *graph.Node) {
		if n == nil || seen[n] {
			return
		}
		seen[n] = true
		if at := index(s.in, n); at >= 0 && at < s.op.Carry || n.Inst().ID() < s.mark && keeps(n) {
			s.kept = append(s.kept, n)
			return
		}
		for _, a := range n.In() {
			visit(a)
		}
	}
	for _, n := range s.grads {
		visit(n)
	}
	if len(s.kept) == 0 {
		return
	}
	op := s.op
	op.Body = apart(op.Body.Name, s.in, append(append([]*graph.Node{}, s.out...), s.kept...))
	s.stack = graph.Apply(op, s.n.In()...)[len(s.out):]
}

// keeps says whether a forward step stores n.
func keeps(n *graph.Node) bool {
	switch op := n.Op().(type) {
	case graph.Leaf, *graph.Const, graph.Fill:
		return false
	case graph.Keeper:
		return op.Keeps()[n.Index()]
	}
	moved := 0
	for _, t := range append(n.Inst().InTypes(), n.Inst().OutTypes()...) {
		moved += t.Shape.Size()
	}
	return graph.FLOPs(n.Inst()) > int64(keepFLOPs*moved)
}

// backward adds the backward scan.
func (s *scanGrad) backward() {
	s.sum()
	op := scan{Consts: s.op.Consts, Length: s.op.Length, Reverse: !s.op.Reverse}
	var leaves, out, init []*graph.Node
	g := s.n.Graph()
	for k, on := range s.active {
		if !on {
			continue
		}
		leaves, out = append(leaves, s.seeds[k]), append(out, s.grads[k])
		if s.ct[k] != nil {
			init = append(init, s.ct[k])
		} else {
			init = append(init, g.Fill(0, s.in[k].Type()))
		}
	}
	for _, j := range s.adding {
		c := s.in[s.op.Carry+j]
		sofar := s.g.Leaf(fmt.Sprint("sum.", j), c.Type())
		leaves, out, init = append(leaves, sofar), append(out, Add(sofar, s.grads[s.op.Carry+j])), append(init, g.Fill(0, c.Type()))
	}
	op.Carry = len(leaves)
	leaves = append(leaves, s.in[s.op.Carry:]...)
	in := append(init, s.n.In()[s.op.Carry:]...)
	leaves, in = append(leaves, s.kept...), append(in, s.stack...)
	for i := s.op.Carry; i < len(s.out); i++ {
		if s.seeds[i] != nil {
			leaves, in = append(leaves, s.seeds[i]), append(in, s.ct[i])
		}
	}
	op.Body = apart(s.op.Body.Name+"-grad", leaves, append(out, s.given...))
	results := graph.Apply(op, in...)
	s.last, s.over = results[:op.Carry], results[op.Carry:op.Carry+len(s.given)]
}

// apart is the function from nodes in, whatever computes them, to out.
func apart(name string, in, out []*graph.Node) *graph.Func {
	g := graph.New()
	at := map[*graph.Node]*graph.Node{}
	leaves := leavesOf(g, "in", typesOf(in))
	for i, n := range in {
		at[n] = leaves[i].Named(n.Name())
	}
	return must(graph.NewFunc(name, leaves, g.Copy(out, at)))
}

// cotangents lists what belongs to the scan's operands.
func (s *scanGrad) cotangents() []*graph.Node {
	cts := make([]*graph.Node, len(s.n.In()))
	last := s.last
	for k, on := range s.active {
		if on {
			cts[k], last = last[0], last[1:]
		}
	}
	for j, make := range s.sums {
		if make != nil {
			cts[s.op.Carry+j] = make()
		}
	}
	for i := range s.adding {
		cts[s.op.Carry+s.adding[i]] = last[i]
	}
	for i := s.op.xs(); i < len(s.in); i++ {
		if d := s.grads[i]; d != nil && !isFill(d, 0) {
			cts[i] = s.over[index(s.given, d)]
		}
	}
	return cts
}
