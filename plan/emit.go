package plan

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
)

// emit writes the program down.
func (p *planner) emit(s *storage) *Program {
	out := &Program{Name: p.f.Name, Constants: p.constants}
	for _, n := range p.f.In {
		out.In = append(out.In, Input{Label: n.Op().(graph.Leaf).Label, Type: n.Type()})
	}
	for _, v := range p.ready {
		out.In = append(out.In, Input{Label: p.values[v].name, Type: p.values[v].typ})
	}
	out.Entering = p.entering
	for _, d := range p.o.Donate {
		out.In[d[1]].Written = true
	}
	out.Steps = make([]Step, 0, len(p.units)+len(s.copies))
	for i := range p.units {
		out.Steps = append(out.Steps, p.step(s, i))
	}
	for i, n := range p.f.Out {
		v := p.outputs[i]
		out.Out = append(out.Out, Output{n.Name(), Operand{n.Type(), s.placeOf(v), v}})
	}
	for _, c := range s.copies {
		v := p.values[c.value]
		from := Operand{Type: v.typ, Place: s.placeOf(c.value), Value: c.value}
		to := Operand{Type: v.typ, Place: s.buffers[c.buffer].place, Value: p.addValue(v.typ, v.name, nil)}
		out.Out[c.output].Place, out.Out[c.output].Value = to.Place, to.Value
		out.Steps = append(out.Steps, finish(Step{Name: v.name, Ops: []string{"copy"}, Code: copying(v.typ.Bytes()), In: []Operand{from}, Out: []Operand{to}}))
	}
	out.Arena, out.Peak = s.extent(len(out.Steps))
	for i := range out.Steps {
		out.Local = max(out.Local, out.Steps[i].Code.Local)
	}
	return out
}

// placeOf is where root value v lies.
func (s *storage) placeOf(v int) Place {
	if c := s.p.values[v].constant; c >= 0 {
		return Place{Space: Constant, Index: c, Bytes: s.p.values[v].typ.Bytes()}
	}
	return s.buffers[s.of[v]].place
}

// step is unit i as a step.
func (p *planner) step(s *storage, i int) Step {
	u := &p.units[i]
	st := Step{Code: u.code, Nest: u.nest}
	for j, v := range u.in {
		st.In = append(st.In, Operand{Type: u.types[j], Place: s.placeOf(v), Value: v})
	}
	for _, v := range u.out {
		st.Out = append(st.Out, Operand{Type: p.values[v].typ, Place: s.placeOf(v), Value: v})
		if st.Name == "" {
			st.Name = p.values[v].name
		}
	}
	for _, n := range u.insts {
		if u.nest != nil {
			st.Ops, st.FLOPs, st.Bytes = append(st.Ops, n.Op().Name()), u.nest.flops(), u.nest.bytes()
			continue
		}
		st.Ops, st.FLOPs = append(st.Ops, n.Op().Name()), st.FLOPs+graph.FLOPs(n)
	}
	switch {
	case len(u.insts) > 0:
	case len(u.in) > 0:
		st.Ops = []string{"copy"}
	default:
		st.Ops = []string{"fill"}
	}
	if b := s.scratch[i]; b >= 0 {
		st.Shared = s.buffers[b].place
	}
	return finish(st)
}

// finish adds up what a step moves.
func finish(st Step) Step {
	if st.Code == nil {
		st.Code = &kernel.Code{}
	}
	if st.Nest != nil {
		return st // counted by its bodies
	}
	for _, o := range st.In {
		st.Bytes += int64(o.Place.Bytes)
	}
	for _, o := range st.Out {
		st.Bytes += int64(o.Place.Bytes)
	}
	return st
}
