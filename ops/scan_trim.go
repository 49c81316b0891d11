package ops

import "github.com/ihae/ihae/graph"

// Simplify implements graph.Simplifier: a scan of no steps is its init, one of
// one step is its body, a carry that never changes is a constant, and so is what
// is computed from constants.
func (op scan) Simplify(n *graph.Inst) []*graph.Node {
	switch op.Length {
	case 0:
		out := append([]*graph.Node{}, n.In()[:op.Carry]...)
		for _, y := range n.Out()[op.Carry:] {
			out = append(out, Like(y, 0))
		}
		return out
	case 1:
		return op.once(n)
	}
	for k := range op.Carry {
		if op.Body.Out[k] == op.Body.In[k] {
			return op.still(n, k)
		}
	}
	return op.hoist(n)
}

// once is a scan of one step: its body.
func (op scan) once(n *graph.Inst) []*graph.Node {
	in := append([]*graph.Node{}, n.In()...)
	for i := op.xs(); i < len(in); i++ {
		in[i] = Reshape(in[i], in[i].Shape().Without(0))
	}
	out := append([]*graph.Node{}, n.Graph().Inline(op.Body, in...)...)
	for i := op.Carry; i < len(out); i++ {
		out[i] = Reshape(out[i], n.Out()[i].Shape())
	}
	return out
}

// still makes carry k, which does not change, the first of the constants.
func (op scan) still(n *graph.Inst, k int) []*graph.Node {
	c := op.Carry
	moved := func(l []*graph.Node) []*graph.Node {
		out := append(append([]*graph.Node{}, l[:k]...), l[k+1:c]...)
		return append(append(out, l[k]), l[c:]...)
	}
	rest := append(append([]*graph.Node{}, op.Body.Out[:k]...), op.Body.Out[k+1:]...)
	next := scan{Carry: c - 1, Consts: op.Consts + 1, Length: op.Length, Reverse: op.Reverse}
	init := n.In()[k]
	if len(rest) == 0 {
		return []*graph.Node{init}
	}
	next.Body = must(graph.NewFunc(op.Body.Name, moved(op.Body.In), rest))
	out := append([]*graph.Node{}, graph.Apply(next, moved(n.In())...)...)
	return append(append(append([]*graph.Node{}, out[:k]...), init), out[k:]...)
}

// Prune implements graph.Pruner: it leaves out results over time that nobody
// uses, carries that only they needed, and operands that nothing needs.
func (op scan) Prune(n *graph.Inst, used []bool) (graph.Op, []*graph.Node, []int, bool) {
	live, need := op.live(used)
	var in, from, out []*graph.Node
	at := make([]int, len(used))
	next := scan{Length: op.Length, Reverse: op.Reverse}
	for i, x := range op.Body.In {
		if i < op.Carry && !live[i] || i >= op.Carry && !need[x] {
			continue
		}
		in, from = append(in, n.In()[i]), append(from, x)
		switch {
		case i < op.Carry:
			next.Carry++
		case i < op.xs():
			next.Consts++
		}
	}
	for i, y := range op.Body.Out {
		at[i] = -1
		if i < op.Carry && live[i] || i >= op.Carry && used[i] {
			at[i] = len(out)
			out = append(out, y)
		}
	}
	if len(in) == len(n.In()) && len(out) == len(op.Body.Out) || len(out) == 0 || len(in) == 0 {
		return nil, nil, nil, false
	}
	next.Body = must(graph.NewFunc(op.Body.Name, from, out))
	return next, in, at, true
}

// live is which carries are needed for the results that are used, and which of
// the body's inputs.
func (op scan) live(used []bool) (live []bool, need map[*graph.Node]bool) {
	live = append([]bool{}, used[:op.Carry]...)
	for changed := true; changed; {
		changed = false
		var out []*graph.Node
		for i, y := range op.Body.Out {
			if i < op.Carry && live[i] || i >= op.Carry && used[i] {
				out = append(out, y)
			}
		}
		need = map[*graph.Node]bool{}
		for _, i := range graph.Reachable(out) {
			for _, y := range i.Out() {
				need[y] = true
			}
		}
		for k := range live {
			if !live[k] && need[op.Body.In[k]] {
				live[k], changed = true, true
			}
		}
	}
	return live, need
}

// Merge implements graph.Merger: two scans over the same operands whose carries
// go the same way are one.
func (op scan) Merge(with graph.Op) (graph.Op, []int, bool) {
	other, ok := with.(scan)
	if !ok || other.Carry != op.Carry || other.Consts != op.Consts || other.Length != op.Length || other.Reverse != op.Reverse {
		return nil, nil, false
	}
	g := graph.New()
	in := leavesOf(g, "in", op.Body.InTypes())
	out, more := g.Inline(op.Body, in...), g.Inline(other.Body, in...)
	at := make([]int, len(more))
	for i, y := range more {
		if i < op.Carry {
			if at[i] = i; out[i] != y {
				return nil, nil, false
			}
			continue
		}
		if at[i] = op.Carry + index(out[op.Carry:], y); at[i] < op.Carry {
			at[i], out = len(out), append(out, y)
		}
	}
	op.Body = must(graph.NewFunc(op.Body.Name, in, out))
	return op, at, true
}
