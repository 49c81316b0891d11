package plan

import "github.com/ihae/ihae/graph"

// absorb gives an operation its only user as the last step of its own kernel,
// and then that one's user, as long as the operations agree.
func absorb(f *graph.Func) (*graph.Func, error) {
	for range maxRounds {
		next, changed, err := absorbOnce(f)
		if err != nil || !changed {
			return f, err
		}
		f = next
	}
	return f, nil
}

func absorbOnce(f *graph.Func) (*graph.Func, bool, error) {
	r, users, changed := newRebuild(f), usersOf(f), false
	gone := make([]bool, len(r.at)) // instructions that took part already
	for _, n := range graph.Reachable(f.Out) {
		if r.done(n) {
			continue
		}
		if u := users.first[n.ID()]; u != nil && !gone[n.ID()] {
			if out := take(r, n, u); len(out) == len(u.Out())+len(n.Out())-1 {
				k := len(u.Out())
				r.set(u, out[:k])
				r.set(n, append([]*graph.Node{out[0]}, out[k:]...))
				gone[u.ID()], changed = true, true
				continue
			}
		}
		out := r.apply(n.Op(), n)
		if taken := takeLate(r, n, users, gone); taken != nil {
			out, changed, gone[n.ID()] = taken, true, true
		}
		r.set(n, out)
	}
	if !changed {
		return f, false, nil
	}
	next, err := r.finish()
	return next, true, err
}

// takeLate is n's results computed by the operation of one of its operands that
// has nothing else to give, or nil. What n needs beside it was not there yet
// when the operand was.
func takeLate(r *rebuild, n *graph.Inst, users users, gone []bool) []*graph.Node {
	for _, a := range n.In() {
		by := a.Inst()
		if users.first[by.ID()] == n && !users.rest[by.ID()] && !gone[by.ID()] {
			if out := take(r, by, n); len(out) == len(n.Out()) {
				return out
			}
		}
	}
	return nil
}

// take is n's results computed by the operation of a, or nil.
func take(r *rebuild, a, n *graph.Inst) []*graph.Node {
	by, ok := a.Op().(graph.Absorber)
	if !ok {
		return nil
	}
	op, extra, ok := by.Absorb(a, n)
	if !ok {
		return nil
	}
	in := r.operands(a)
	for _, e := range extra {
		if e.Inst().ID() >= len(r.at) || r.at[e.Inst().ID()] == nil {
			return nil // made by Absorb itself: not part of the function
		}
		in = append(in, r.node(e))
	}
	return graph.Apply(op, in...)
}

// users says who uses the results of instructions, by ID.
type users struct {
	first []*graph.Inst // the only user of the first result; nil if none, several, or it is an output
	rest  []bool        // other results have users or are outputs
}

func usersOf(f *graph.Func) users {
	size := len(f.Out[0].Graph().Insts())
	u := users{make([]*graph.Inst, size), make([]bool, size)}
	many := make([]bool, size)
	use := func(a *graph.Node, by *graph.Inst) {
		id := a.Inst().ID()
		if a.Index() > 0 {
			u.rest[id] = true
			return
		}
		many[id] = many[id] || by == nil || u.first[id] != nil && u.first[id] != by
		u.first[id] = by
	}
	for _, n := range graph.Reachable(f.Out) {
		for _, a := range n.In() {
			use(a, n)
		}
	}
	for _, n := range f.Out {
		use(n, nil)
	}
	for id := range many {
		if many[id] {
			u.first[id] = nil
		}
	}
	return u
}
