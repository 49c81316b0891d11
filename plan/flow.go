package plan

import (
	"strings"

	"github.com/ihae/ihae/graph"
)

// flows makes control flow ready for the other passes, which look at one graph
// at a time: operations of equal operands are merged, bodies are simplified, and
// what nobody uses is left out, of bodies too.
func flows(f *graph.Func) (*graph.Func, error) {
	if !has[graph.Flowing](f) && !has[graph.Call](f) {
		return f, nil
	}
	f, err := improve(f, dissolve)
	if err != nil || !has[graph.Flowing](f) {
		return f, err
	}
	f, err = merge(f)
	for rounds := 0; err == nil && rounds < maxRounds; rounds++ {
		var pruned, changed bool
		if f, changed, err = rewrite(f, inside, simplify); err != nil {
			break
		}
		if f, pruned, err = prune(f); !pruned && !changed {
			break
		}
	}
	return f, err
}

// inside simplifies the bodies of n.
func inside(n *graph.Inst) []*graph.Node {
	op, ok := n.Op().(graph.Flowing)
	if !ok {
		return nil
	}
	bodies, changed := append([]*graph.Func{}, op.Bodies()...), false
	for i, b := range bodies {
		next, err := flows(b)
		if err == nil {
			next, err = improve(next, fold, simplify, compose)
		}
		if err == nil && has[graph.Pruner](next) {
			next, _, err = prune(next)
		}
		if err != nil {
			n.Graph().Fail(op.Name(), err)
			return nil
		}
		if next.Key() != b.Key() {
			bodies[i], changed = next, true
		}
	}
	if !changed {
		return nil
	}
	if len(n.In()) == 0 {
		return n.Graph().Source(op.WithBodies(bodies))
	}
	return graph.Apply(op.WithBodies(bodies), n.In()...)
}

// merge makes one of operations that can compute together what each of them
// computes from the same operands.
func merge(f *graph.Func) (*graph.Func, error) {
	groups := map[string][]*graph.Inst{}
	for _, n := range graph.Reachable(f.Out) {
		if _, ok := n.Op().(graph.Merger); ok {
			k := operandsKey(n)
			groups[k] = append(groups[k], n)
		}
	}
	r := newRebuild(f)
	for _, n := range graph.Reachable(f.Out) {
		if r.done(n) {
			continue
		}
		op, at := mergeAll(n, groups)
		out := r.apply(op, n)
		r.set(n, out)
		for other, places := range at {
			picked := make([]*graph.Node, len(places))
			for i, p := range places {
				picked[i] = out[p]
			}
			r.set(other, picked)
		}
	}
	return r.finish()
}

func operandsKey(n *graph.Inst) string {
	var b strings.Builder
	b.WriteString(n.Op().Name())
	for _, a := range n.In() {
		b.WriteString(a.String())
	}
	return b.String()
}

// mergeAll is n's operation with all that it can take on, and where their
// results are.
func mergeAll(n *graph.Inst, groups map[string][]*graph.Inst) (graph.Op, map[*graph.Inst][]int) {
	m, ok := n.Op().(graph.Merger)
	if !ok {
		return n.Op(), nil
	}
	taken := map[*graph.Inst][]int{}
	for _, other := range groups[operandsKey(n)] {
		if other.ID() <= n.ID() {
			continue
		}
		if op, at, ok := m.Merge(other.Op()); ok {
			m, taken[other] = op.(graph.Merger), at
		}
	}
	return m, taken
}

// prune leaves out results that nobody uses, where operations know how.
func prune(f *graph.Func) (*graph.Func, bool, error) {
	used := map[*graph.Node]bool{}
	for _, n := range f.Out {
		used[n] = true
	}
	for _, n := range graph.Reachable(f.Out) {
		for _, a := range n.In() {
			used[a] = true
		}
	}
	r, changed := newRebuild(f), false
	for _, n := range graph.Reachable(f.Out) {
		if r.done(n) {
			continue
		}
		if out := r.pruned(n, used); out != nil {
			r.at[n.ID()], changed = out, true
			continue
		}
		r.set(n, r.apply(n.Op(), n))
	}
	next, err := r.finish()
	return next, changed, err
}

// pruned is the results of n by an operation that gives only those in use; nil
// in the place of others. It is nil if there is no such operation.
func (r *rebuild) pruned(n *graph.Inst, used map[*graph.Node]bool) []*graph.Node {
	p, ok := n.Op().(graph.Pruner)
	if !ok {
		return nil
	}
	marks := make([]bool, len(n.Out()))
	for i, y := range n.Out() {
		marks[i] = used[y]
	}
	op, in, at, ok := p.Prune(n, marks)
	if !ok {
		return nil
	}
	operands := make([]*graph.Node, len(in))
	for i, a := range in {
		operands[i] = r.node(a)
	}
	from := graph.Apply(op, operands...)
	out := make([]*graph.Node, len(at))
	for i, k := range at {
		if k >= 0 {
			out[i] = from[k].Named(n.Out()[i].Name())
		}
	}
	return out
}
