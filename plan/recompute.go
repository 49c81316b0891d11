package plan

import (
	"cmp"
	"slices"
)

const (
	// longGap is how many steps must lie between two uses of a value for
	// computing it again to be considered.
	longGap = 16
	// recomputeInstrs is how many instructions of the register machine a loop
	// may take that runs again.
	recomputeInstrs = 12
	// worthPercent is how much of the peak recomputing must save.
	worthPercent = 2
	// grid is the distance between units on the axis of keys by which clones
	// are put between them.
	grid = 1 << 20
)

// recompute shortens lives: the result of a cheap loop that lives through the
// step of highest need, and is read again long after, is computed again before
// that later use, provided that all it is made of lives through that step
// anyhow. What training keeps from forward for backward becomes less:
// activations are made again from what their own gradient needs. The bits do
// not change. If the peak does not fall by worthPercent, nothing is done.
func (p *planner) recompute() {
	if p.o.NoRecompute {
		return
	}
	for range 4 {
		before, at := p.need()
		units, values := slices.Clone(p.units), slices.Clone(p.values)
		keys := make([]int, len(p.units))
		for i := range keys {
			keys[i] = i * grid
		}
		for i := len(units) - 1; i >= 0; i-- {
			keys = p.again(i, at, keys)
		}
		if len(p.units) == len(units) {
			return
		}
		p.arrangeBy(keys)
		if after, _ := p.need(); after > before-before*worthPercent/100 {
			p.units, p.values = units, values
			return
		}
	}
}

// need is the most bytes that live at once, and the first step when they do.
func (p *planner) need() (most, at int) {
	change := make([]int, len(p.units)+1)
	for i := range p.values {
		v := &p.values[i]
		if v.root != i || v.unit < 0 || v.outside() {
			continue
		}
		change[v.unit] += v.typ.Bytes()
		if !v.output {
			change[max(v.unit, last(v.users))+1] -= v.typ.Bytes()
		}
	}
	live := 0
	for i, c := range change {
		if live += c; live > most {
			most, at = live, i
		}
	}
	return most, at
}

func last(users []int) int {
	if len(users) == 0 {
		return -1
	}
	return users[len(users)-1]
}

// again adds a clone of unit i for the users of its result that come long after
// step at, if that is cheap and its operands live past that step.
func (p *planner) again(i, at int, keys []int) []int {
	u := p.units[i]
	if i >= at || len(u.out) != 1 || u.loop == nil || u.loop.fold != nil {
		return keys
	}
	v := &p.values[u.out[0]]
	late, from := p.lateUsers(v, at, keys)
	if v.output || len(late) == 0 || from-max(i*grid, p.lastEarly(v, late, keys)) < longGap*grid {
		return keys
	}
	for _, w := range u.in {
		if !p.livesPast(w, at, keys) {
			return keys
		}
	}
	if !u.repeatable() {
		return keys
	}
	clone, id, old := len(p.units), p.addValue(v.typ, v.name, v.op), u.out[0]
	v = &p.values[old]
	v.users = slices.DeleteFunc(slices.Clone(v.users), func(x int) bool { return slices.Contains(late, x) })
	u.out = []int{id}
	for _, w := range u.in {
		if !slices.Contains(p.values[w].users, clone) {
			p.values[w].users = append(slices.Clone(p.values[w].users), clone)
		}
	}
	p.addUnit(u)
	for _, x := range late {
		in := slices.Clone(p.units[x].in)
		for j := range in {
			if in[j] == old {
				in[j] = id
			}
		}
		p.units[x].in = in
	}
	p.values[id].users = late
	return append(keys, from-1)
}

// repeatable says whether u is a loop of few instructions.
func (u *unit) repeatable() bool {
	n := 0
	for _, inst := range u.insts {
		if _, lane := inst.Op().(Strided); !lane {
			n += instrs(inst)
		}
	}
	return n <= recomputeInstrs
}

// lateUsers is the users of v after step at, and the key of the first of them.
func (p *planner) lateUsers(v *value, at int, keys []int) (late []int, from int) {
	for _, x := range v.users {
		if keys[x] <= at*grid {
			continue
		}
		if len(late) == 0 || keys[x] < from {
			from = keys[x]
		}
		late = append(late, x)
	}
	return late, from
}

// lastEarly is the key of the last user of v that is not among late.
func (p *planner) lastEarly(v *value, late, keys []int) int {
	k := 0
	for _, x := range v.users {
		if !slices.Contains(late, x) {
			k = max(k, keys[x])
		}
	}
	return k
}

// livesPast says whether value w is there after step at without being kept for
// the clone.
func (p *planner) livesPast(w, at int, keys []int) bool {
	v := &p.values[w]
	if v.output || v.constant >= 0 {
		return true
	}
	if v.input >= 0 && !slices.ContainsFunc(p.o.Donate, func(d [2]int) bool { return d[1] == v.input }) {
		return true
	}
	return slices.ContainsFunc(v.users, func(x int) bool { return keys[x] > at*grid })
}

// arrangeBy reorders the units by key.
func (p *planner) arrangeBy(keys []int) {
	order := make([]int, len(keys))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(keys[a], keys[b]) })
	p.arrange(order)
}
