package graph

import "fmt"

// Copy adds to g what out depends on, with the nodes that at gives in place of
// those it lists, and returns the copies of out. Leaves must be listed, or be
// leaves of g already under the same label. Names are kept; at grows by what
// was copied.
func (g *Graph) Copy(out []*Node, at map[*Node]*Node) []*Node {
	for _, n := range cut(out, at) {
		in := make([]*Node, len(n.in))
		for i, a := range n.in {
			in[i] = at[a]
		}
		for i, y := range g.apply(n.op, in)[:len(n.out)] {
			if at[n.out[i]] == nil {
				at[n.out[i]] = y.Named(n.out[i].name)
			}
		}
	}
	copies := make([]*Node, len(out))
	for i, n := range out {
		copies[i] = at[n]
	}
	return copies
}

// cut is Reachable that does not go beyond the nodes of at.
func cut(out []*Node, at map[*Node]*Node) []*Inst {
	if len(out) == 0 {
		return nil
	}
	g := out[0].inst.g
	need := make([]bool, len(g.insts))
	ask := func(n *Node) {
		if at[n] == nil {
			need[n.inst.id] = true
		}
	}
	for _, n := range out {
		ask(n)
	}
	count := 0
	for id := len(g.insts) - 1; id >= 0; id-- {
		if need[id] {
			count++
			for _, n := range g.insts[id].in {
				ask(n)
			}
		}
	}
	order := make([]*Inst, 0, count)
	for id, n := range g.insts {
		if need[id] {
			order = append(order, n)
		}
	}
	return order
}

// Inline copies f's instructions into g with args in place of its inputs, and
// returns its outputs. Names of nodes are kept.
func (g *Graph) Inline(f *Func, args ...*Node) []*Node {
	if len(args) != len(f.In) {
		g.Fail(f.Name, fmt.Errorf("wants %d arguments, got %d", len(f.In), len(args)))
	}
	for i, n := range f.In {
		if i < len(args) && args[i].Type() != n.typ {
			g.Fail(f.Name, fmt.Errorf("argument %d is %v, want %v", i, args[i].typ, n.typ))
		}
	}
	if g.err != nil {
		return g.stand(Call{f}, nil)[:len(f.Out)]
	}
	at := make(map[*Node]*Node, len(f.In))
	for i, n := range f.In {
		at[n] = args[i]
	}
	return g.Copy(f.Out, at)
}
