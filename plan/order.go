package plan

import "slices"

// order puts the units into an order in which operands come before users. Of
// the order of the graph and one that always takes the ready unit which frees
// most memory, the one with the lower peak wins.
func (p *planner) order() {
	next, before := p.edges()
	best := p.schedule(next, before, false)
	if s := p.schedule(next, before, true); s.peak < best.peak {
		best = s
	}
	p.arrange(best.order)
}

// edges is, by unit, the units that must come later, and how many must come
// earlier. The last readers of an input whose memory is given to an output come
// before the unit that writes it, where nothing else forbids it.
func (p *planner) edges() (next [][]int, before []int) {
	next, before = make([][]int, len(p.units)), make([]int, len(p.units))
	add := func(from, to int) {
		next[from] = append(next[from], to)
		before[to]++
	}
	for i := range p.values {
		if v := &p.values[i]; v.unit >= 0 {
			for _, u := range v.users {
				add(v.unit, u)
			}
		}
	}
	r := reacher{next: next, seen: make([]int, len(p.units))}
	for i := range p.values {
		v := &p.values[i]
		if v.donated < 0 || v.unit < 0 {
			continue
		}
		for _, u := range p.values[p.number(p.f.In[v.donated])].users {
			if u != v.unit && !r.reaches(v.unit, u) {
				add(u, v.unit)
			}
		}
	}
	return next, before
}

// reacher answers whether a path leads from one unit to another.
type reacher struct {
	next  [][]int
	seen  []int
	query int
}

func (r *reacher) reaches(from, to int) bool {
	r.query++
	return r.visit(from, to)
}

func (r *reacher) visit(from, to int) bool {
	if from == to {
		return true
	}
	if r.seen[from] == r.query {
		return false
	}
	r.seen[from] = r.query
	return slices.ContainsFunc(r.next[from], func(u int) bool { return r.visit(u, to) })
}

// schedule is an order of units under construction.
type schedule struct {
	p     *planner
	left  []int // by value: the users that are not in the order yet
	done  []bool
	order []int
	live  int // bytes
	peak  int
}

// schedule orders the units: the ready one of the lowest key, or, if greedy,
// the one that frees most.
func (p *planner) schedule(next [][]int, before []int, greedy bool) schedule {
	s := schedule{p: p, left: make([]int, len(p.values)), done: make([]bool, len(p.units))}
	for i := range p.values {
		s.left[i] = len(p.values[i].users)
	}
	waits := slices.Clone(before)
	var q queue
	push := func(u int) {
		gain := 0
		if greedy {
			gain = s.gain(u)
		}
		q.push(ready{gain, p.units[u].key, u})
	}
	for u, n := range waits {
		if n == 0 {
			push(u)
		}
	}
	for len(q) > 0 {
		u := q.pop().unit
		if s.done[u] {
			continue // it stands in the queue twice: its gain grew
		}
		for _, v := range s.take(u) {
			if i := slices.IndexFunc(p.values[v].users, func(u int) bool { return !s.done[u] }); greedy && i >= 0 {
				if last := p.values[v].users[i]; waits[last] == 0 {
					push(last)
				}
			}
		}
		for _, w := range next[u] {
			if waits[w]--; waits[w] == 0 {
				push(w)
			}
		}
	}
	return s
}

// frees says whether v's memory is free once nobody reads it.
func (p *planner) frees(v int) bool { return p.values[v].unit >= 0 && !p.values[v].output }

// gain is the bytes that unit u would free, less those it would take.
func (s *schedule) gain(u int) int {
	freed, taken := s.change(u)
	return freed - taken
}

func (s *schedule) change(u int) (freed, taken int) {
	for i, v := range s.p.units[u].in {
		if s.left[v] == 1 && s.p.frees(v) && !slices.Contains(s.p.units[u].in[:i], v) {
			freed += s.p.values[v].typ.Bytes()
		}
	}
	for _, v := range s.p.units[u].out {
		if !s.p.values[v].outside() {
			taken += s.p.values[v].typ.Bytes()
		}
	}
	return freed, taken
}

// take puts u next and returns the values that have one user left.
func (s *schedule) take(u int) (single []int) {
	freed, taken := s.change(u)
	s.done[u], s.order = true, append(s.order, u)
	most := taken
	if len(s.p.units[u].inPlace) > 0 {
		most = max(0, taken-freed)
	}
	s.peak = max(s.peak, s.live+most)
	s.live += taken - freed
	for i, v := range s.p.units[u].in {
		if slices.Contains(s.p.units[u].in[:i], v) {
			continue
		}
		if s.left[v]--; s.left[v] == 1 && s.p.frees(v) {
			single = append(single, v)
		}
	}
	return single
}

// arrange reorders the units.
func (p *planner) arrange(order []int) {
	units, at := make([]unit, len(order)), make([]int, len(order))
	for i, u := range order {
		units[i], at[u] = p.units[u], i
	}
	p.units = units
	for i := range p.values {
		v := &p.values[i]
		if v.unit >= 0 {
			v.unit = at[v.unit]
		}
		users := make([]int, len(v.users))
		for j, u := range v.users {
			users[j] = at[u]
		}
		slices.Sort(users)
		v.users = users
	}
}

// ready is a unit whose operands are there.
type ready struct{ gain, key, unit int }

func (r ready) before(o ready) bool {
	switch {
	case r.gain != o.gain:
		return r.gain > o.gain
	case r.key != o.key:
		return r.key < o.key
	}
	return r.unit < o.unit
}

// queue is a binary heap of ready units, the first in front.
type queue []ready

func (q *queue) push(r ready) {
	*q = append(*q, r)
	h := *q
	for i := len(h) - 1; i > 0 && h[i].before(h[(i-1)/2]); i = (i - 1) / 2 {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
	}
}

func (q *queue) pop() ready {
	h := *q
	top, n := h[0], len(h)-1
	h[0] = h[n]
	h = h[:n]
	for i := 0; ; {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < n; c++ {
			if h[c].before(h[least]) {
				least = c
			}
		}
		if least == i {
			break
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
	*q = h
	return top
}
