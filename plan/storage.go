package plan

import "slices"

// buffer is a piece of memory and the steps in which somebody needs it.
type buffer struct {
	bytes      int
	start, end int // the first and the last step
	place      Place
}

// storage says in which buffer each value lies.
type storage struct {
	p       *planner
	buffers []buffer
	of      []int // by root value; -1 for constants and what nobody reads
	scratch []int // by unit: the buffer of its shared scratch, or -1
	fed     []int // by input: the buffer that is its memory
	given   []int // by output: the buffer that is the memory the caller gives, or -1
	copies  []finalCopy
}

// finalCopy brings an output to the buffer where the caller wants it.
type finalCopy struct{ output, value, buffer int }

// place gives every value a buffer and every buffer its place.
func (p *planner) place() *storage {
	s := &storage{p: p, of: make([]int, len(p.values)), scratch: make([]int, len(p.units))}
	for i := range s.of {
		s.of[i] = -1
	}
	for i, n := range p.f.In {
		b := buffer{bytes: n.Type().Bytes(), place: Place{Space: Fed, Index: i, Bytes: n.Type().Bytes()}}
		s.of[p.number(n)] = len(s.buffers)
		s.fed = append(s.fed, len(s.buffers))
		s.buffers = append(s.buffers, b)
	}
	for i, v := range p.ready {
		bytes := p.values[v].typ.Bytes()
		s.of[v] = s.add(bytes, 0, 0)
		s.buffers[s.of[v]].place = Place{Space: Fed, Index: len(p.f.In) + i, Bytes: bytes}
	}
	for i, n := range p.f.Out {
		s.given = append(s.given, -1)
		if p.given != nil && p.given[i] {
			s.given[i] = len(s.buffers)
			place := Place{Space: Given, Index: i, Bytes: n.Type().Bytes()}
			s.buffers = append(s.buffers, buffer{bytes: place.Bytes, place: place})
		}
	}
	for at := range p.units {
		u := &p.units[at]
		s.scratch[at] = -1
		if u.code.Shared > 0 {
			s.scratch[at] = s.add(u.code.Shared, at, at)
		}
		for r := range u.out {
			s.put(at, r)
		}
	}
	s.leave()
	s.arena()
	return s
}

func (s *storage) add(bytes, start, end int) int {
	s.buffers = append(s.buffers, buffer{bytes: bytes, start: start, end: end, place: Place{Space: Arena, Bytes: bytes}})
	return len(s.buffers) - 1
}

// lastUse is the last step that reads v, the step that makes it if none does.
func (s *storage) lastUse(v int) int {
	switch val := &s.p.values[v]; {
	case val.output:
		return len(s.p.units)
	case len(val.users) > 0:
		return val.users[len(val.users)-1]
	default:
		return val.unit
	}
}

// put finds the buffer of result r of step at: the input the caller wants it
// in, an operand's that nobody needs any more, or a new one.
func (s *storage) put(at, r int) {
	u := &s.p.units[at]
	v := u.out[r]
	val := &s.p.values[v]
	if val.donated >= 0 && s.inputIsFree(val.donated, at, r) {
		s.of[v] = s.fed[val.donated]
		return
	}
	if val.given >= 0 {
		s.of[v] = s.given[val.given]
		return
	}
	for _, pair := range u.inPlace {
		if pair[0] == r && s.operandIsFree(at, r, pair[1]) {
			b := s.of[u.in[pair[1]]]
			s.of[v], s.buffers[b].end = b, s.lastUse(v)
			return
		}
	}
	s.of[v] = s.add(val.typ.Bytes(), at, s.lastUse(v))
}

// inputIsFree says whether result r of step at may be written over input i: all
// who read the input come earlier, or step at reads it element by element.
func (s *storage) inputIsFree(i, at, r int) bool {
	v := s.p.number(s.p.f.In[i])
	users := s.p.values[v].users
	if len(users) == 0 || users[len(users)-1] < at {
		return true
	}
	return users[len(users)-1] == at && s.onlyInPlace(at, r, s.of[v])
}

// operandIsFree says whether result r of step at may take the buffer of operand
// j: it lies in the arena, has the size, and nobody needs it after the step.
func (s *storage) operandIsFree(at, r, j int) bool {
	u := &s.p.units[at]
	b := s.of[u.in[j]]
	if b < 0 || s.buffers[b].place.Space != Arena || s.buffers[b].end != at {
		return false
	}
	return s.buffers[b].bytes == s.p.values[u.out[r]].typ.Bytes() && s.onlyInPlace(at, r, b)
}

// onlyInPlace says whether step at reads buffer b only through operands that
// its result r may overwrite, and no other result lies there.
func (s *storage) onlyInPlace(at, r, b int) bool {
	u := &s.p.units[at]
	for j, v := range u.in {
		if s.of[v] == b && !slices.Contains(u.inPlace, [2]int{r, j}) {
			return false
		}
	}
	return !slices.ContainsFunc(u.out[:r], func(v int) bool { return s.of[v] == b })
}

// leave notes the copies at the end for outputs that could not be written in
// the memory where the caller wants them.
func (s *storage) leave() {
	for _, d := range s.p.o.Donate {
		v := s.p.outputs[d[0]]
		if b := s.of[v]; b != s.fed[d[1]] {
			s.copies = append(s.copies, finalCopy{d[0], v, s.fed[d[1]]})
		}
	}
	for i, b := range s.given {
		if v := s.p.outputs[i]; b >= 0 && s.of[v] != b {
			s.copies = append(s.copies, finalCopy{i, v, b})
		}
	}
	for i := range s.buffers {
		if b := &s.buffers[i]; b.end == len(s.p.units) {
			b.end += len(s.copies)
		}
	}
}
