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
	r, users, changed := newRebuild(f), onlyUsers(f), false
	gone := make([]bool, len(r.at)) // instructions that took part already
	for _, n := range graph.Reachable(f.Out) {
		if r.done(n) {
			continue
		}
		out := r.apply(n.Op(), n)
		for _, a := range n.In() {
			if by := a.Inst(); users[by.ID()] == n && !gone[by.ID()] {
				if taken := take(r, by, n); taken != nil {
					out, changed, gone[n.ID()] = taken, true, true
					break
				}
			}
		}
		r.set(n, out)
	}
	if !changed {
		return f, false, nil
	}
	next, err := r.finish()
	return next, true, err
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

// onlyUsers is, by ID, the one instruction that uses the first result of each,
// where nobody uses any other and none is an output; else nil.
func onlyUsers(f *graph.Func) []*graph.Inst {
	users := make([]*graph.Inst, len(f.Out[0].Graph().Insts()))
	many := make([]bool, len(users))
	for _, n := range f.Out {
		many[n.Inst().ID()] = true
	}
	for _, n := range graph.Reachable(f.Out) {
		for _, a := range n.In() {
			id := a.Inst().ID()
			many[id] = many[id] || a.Index() != 0 || users[id] != nil && users[id] != n
			users[id] = n
		}
	}
	for id := range users {
		if many[id] {
			users[id] = nil
		}
	}
	return users
}
