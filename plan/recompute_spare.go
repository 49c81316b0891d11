package plan

import (
	"slices"

	"github.com/ihae/ihae/graph"
)

const (
	// spareFLOPs is how many operations for each element read or written a step
	// may take that runs again to spare memory: normalisations and activations
	// do, contractions do not.
	spareFLOPs = 8
	// spareShare is the least share of the need, 1 in so many, that a value must
	// have to be computed again.
	spareShare = 500
	// spareRounds bounds the search.
	spareRounds = 400
)

// spare computes again what recompute leaves: any step that is cheap beside
// contractions, one at a time, as long as the peak does not rise. What costs
// time and lowers nothing is taken back.
func (p *planner) spare() {
	first, at := p.need()
	best, units, values := first, slices.Clone(p.units), slices.Clone(p.values)
	most, refused := first, map[int]bool{}
	for range spareRounds {
		c, ok := p.candidate(at, most/spareShare, refused)
		if !ok {
			break
		}
		before, kept := slices.Clone(p.units), slices.Clone(p.values)
		p.repeat(c)
		after, where := p.need()
		if after > most {
			p.units, p.values = before, kept
			refused[c.value] = true
			continue
		}
		most, at = after, where
		if most < best {
			best, units, values = most, slices.Clone(p.units), slices.Clone(p.values)
		}
	}
	p.units, p.values = units, values
}

// repeated is a result that a unit may compute again.
type repeated struct {
	unit, value int
	late        []int // the units that read the second one, rising
}

// candidate is the first unit before step at with a result of at least least
// bytes that is read long after that step, and that can be made again from what
// lives then anyhow.
func (p *planner) candidate(at, least int, refused map[int]bool) (repeated, bool) {
	for i := range at {
		u := &p.units[i]
		if u.nest != nil || len(u.insts) == 0 {
			continue
		}
		for _, id := range u.out {
			v := &p.values[id]
			if v.output || v.outside() || refused[id] || v.typ.Bytes() < max(least, 1) {
				continue
			}
			k, _ := slices.BinarySearch(v.users, at+1)
			late, early := v.users[k:], max(i, last(v.users[:k]))
			if len(late) > 0 && late[0]-early >= longGap && p.lasts(u.in, at) && p.light(u) {
				return repeated{i, id, slices.Clone(late)}, true
			}
		}
	}
	return repeated{}, false
}

// lasts says whether all of some values are there after step at anyhow.
func (p *planner) lasts(values []int, at int) bool {
	keys := make([]int, len(p.units))
	for i := range keys {
		keys[i] = i * grid
	}
	for _, w := range values {
		if !p.livesPast(w, at, keys) {
			return false
		}
	}
	return true
}

// light says whether a unit takes few operations for what it reads and writes.
func (p *planner) light(u *unit) bool {
	flops, elements := int64(0), 0
	for _, n := range u.insts {
		flops += graph.FLOPs(n)
	}
	for _, list := range [][]int{u.in, u.out} {
		for _, v := range list {
			elements += p.values[v].typ.Shape.Size()
		}
	}
	return flops <= spareFLOPs*int64(elements)
}

// repeat adds a second unit of c before its first late reader.
func (p *planner) repeat(c repeated) {
	u, from := p.units[c.unit], c.late[0]
	out := make([]int, len(u.out))
	for r, id := range u.out {
		v := p.values[id]
		out[r] = p.addValue(v.typ, v.name, v.op)
		if id != c.value {
			continue
		}
		p.values[out[r]].users = c.late
		p.values[id].users = slices.DeleteFunc(slices.Clone(v.users), func(x int) bool { return slices.Contains(c.late, x) })
		for _, x := range c.late {
			in := slices.Clone(p.units[x].in)
			for j, w := range in {
				if w == id {
					in[j] = out[r]
				}
			}
			p.units[x].in = in
		}
	}
	u.out = out
	for _, w := range u.in {
		if !slices.Contains(p.values[w].users, len(p.units)) {
			p.values[w].users = append(slices.Clone(p.values[w].users), len(p.units))
		}
	}
	order := make([]int, 0, len(p.units)+1)
	for i := range p.units {
		if i == from {
			order = append(order, len(p.units))
		}
		order = append(order, i)
	}
	p.addUnit(u)
	p.arrange(order)
}
