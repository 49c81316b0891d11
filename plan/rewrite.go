package plan

import (
	"fmt"

	"github.com/ihae/ihae/graph"
)

// rule gives nodes equal to the results of n that are better, or nil. It may
// add nodes to n's graph. Nobody uses n yet.
type rule func(n *graph.Inst) []*graph.Node

// maxRounds bounds how often rules run over the graph. Each round rebuilds it,
// so that equal instructions become one; two or three rounds are usual.
const maxRounds = 12

// improve applies rules until nothing changes.
func improve(f *graph.Func, rules ...rule) (*graph.Func, error) {
	for range maxRounds {
		next, changed, err := rewrite(f, rules...)
		if err != nil || !changed {
			return next, err
		}
		f = next
	}
	return f, nil
}

// rewrite rebuilds f in a graph of its own, without what no output needs, and
// gives every instruction to the rules.
func rewrite(f *graph.Func, rules ...rule) (*graph.Func, bool, error) {
	r := newRebuild(f)
	changed := false
	for _, n := range graph.Reachable(f.Out) {
		if r.done(n) {
			continue
		}
		out := r.apply(n.Op(), n)
		better, err := better(out, rules)
		if err != nil {
			return nil, false, err
		}
		if better != nil {
			out, changed = better, true
		}
		r.set(n, out)
	}
	next, err := r.finish()
	return next, changed, err
}

// better applies rules to the instruction of out, and to what they make of it.
func better(out []*graph.Node, rules []rule) ([]*graph.Node, error) {
	var found []*graph.Node
	for range maxRounds {
		next := first(out[0].Inst(), rules)
		if next == nil {
			break
		}
		if err := alike(out, next); err != nil {
			return nil, err
		}
		out, found = next, next
		if len(out) != 1 || len(out[0].Inst().Out()) != 1 {
			break
		}
	}
	return found, nil
}

func first(n *graph.Inst, rules []rule) []*graph.Node {
	for _, r := range rules {
		if next := r(n); next != nil && next[0] != n.Out()[0] {
			return next
		}
	}
	return nil
}

// alike checks that a rule kept the types.
func alike(was, now []*graph.Node) error {
	for i, n := range was {
		if i >= len(now) || now[i].Type() != n.Type() {
			return fmt.Errorf("plan: a simpler form of %v has other results: %v", n.Inst(), now)
		}
	}
	return nil
}

// rebuild copies a function into a new graph, instruction by instruction.
type rebuild struct {
	f  *graph.Func
	g  *graph.Graph
	in []*graph.Node
	at [][]*graph.Node // by ID of the old instruction
}

func newRebuild(f *graph.Func) *rebuild {
	r := &rebuild{f: f, g: graph.New()}
	r.at = make([][]*graph.Node, len(f.Out[0].Graph().Insts()))
	for _, n := range f.In {
		l := n.Op().(graph.Leaf)
		leaf := r.g.Leaf(l.Label, l.Of).Named(n.Name())
		r.in = append(r.in, leaf)
		r.at[n.Inst().ID()] = []*graph.Node{leaf}
	}
	return r
}

// done says whether n has its place already: a leaf, or what a rule gave it.
func (r *rebuild) done(n *graph.Inst) bool { return r.at[n.ID()] != nil }

// operands is the new nodes of n's operands.
func (r *rebuild) operands(n *graph.Inst) []*graph.Node {
	in := make([]*graph.Node, len(n.In()))
	for i, a := range n.In() {
		in[i] = r.node(a)
	}
	return in
}

func (r *rebuild) node(n *graph.Node) *graph.Node { return r.at[n.Inst().ID()][n.Index()] }

// apply adds op with n's operands.
func (r *rebuild) apply(op graph.Op, n *graph.Inst) []*graph.Node {
	if len(n.In()) == 0 {
		return r.g.Source(op)
	}
	return graph.Apply(op, r.operands(n)...)
}

// set says what the results of n are; they keep their names.
func (r *rebuild) set(n *graph.Inst, out []*graph.Node) {
	for i, o := range n.Out() {
		out[i].Named(o.Name())
	}
	r.at[n.ID()] = out
}

func (r *rebuild) finish() (*graph.Func, error) {
	out := make([]*graph.Node, len(r.f.Out))
	for i, n := range r.f.Out {
		out[i] = r.node(n)
	}
	f, err := graph.NewFunc(r.f.Name, r.in, out)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return f, nil
}
