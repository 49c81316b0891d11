package exec

import (
	"fmt"
	"unsafe"

	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/plan"
)

// frame is a program laid out in memory: that of a machine, or the body of a
// step of one.
type frame struct {
	program *plan.Program
	steps   []step
	in      []port // by input
	out     []port // by output, of those whose memory is given
	at      int    // the step being run
	profile *counters
}

// step is an instruction with the memory of its operands.
type step struct {
	args   kernel.Args
	phases []kernel.Phase
	nest   *nest // what it runs in place of phases; nil for ordinary steps
}

// port is memory that is chosen while the machine runs.
type port struct {
	users []*kernel.Memory // operands that are its memory
	now   *byte            // where the memory set last begins
}

// set makes mem the memory of the port's users.
func (p *port) set(mem kernel.Memory) {
	first := unsafe.SliceData(mem)
	if first == p.now {
		return
	}
	p.now = first
	for _, u := range p.users {
		*u = mem
	}
}

// clear lets go of the memory.
func (p *port) clear() {
	p.now = nil
	for _, u := range p.users {
		*u = nil
	}
}

// newFrame lays out p, whose arena is given.
func newFrame(p *plan.Program, arena kernel.Memory) *frame {
	f := &frame{program: p, steps: make([]step, len(p.Steps)), in: make([]port, len(p.In)), out: make([]port, len(p.Out))}
	for i := range p.Steps {
		from, to := &p.Steps[i], &f.steps[i]
		to.phases = from.Code.Phases
		to.args.In = f.operands(arena, from.In)
		to.args.Out = f.operands(arena, from.Out)
		to.args.Shared = memory(arena, from.Shared)
		if from.Nest != nil {
			to.nest = newNest(from.Nest, to.args.Shared)
		}
	}
	return f
}

// operands is the memory of a step's operands; those that lie in memory chosen
// later are noted.
func (f *frame) operands(arena kernel.Memory, os []plan.Operand) []kernel.Memory {
	mem := make([]kernel.Memory, len(os))
	for i, o := range os {
		switch o.Place.Space {
		case plan.Arena:
			mem[i] = memory(arena, o.Place)
		case plan.Constant:
			mem[i] = f.program.Constants[o.Place.Index].Bytes()
		case plan.Fed:
			p := &f.in[o.Place.Index]
			p.users = append(p.users, &mem[i])
		case plan.Given:
			p := &f.out[o.Place.Index]
			p.users = append(p.users, &mem[i])
		}
	}
	return mem
}

// clear lets go of all memory that is the caller's.
func (f *frame) clear() {
	for i := range f.in {
		f.in[i].clear()
	}
	for i := range f.out {
		f.out[i].clear()
	}
	for i := range f.steps {
		if n := f.steps[i].nest; n != nil {
			for _, b := range n.bodies {
				b.clear()
			}
			for k := range n.ahead {
				clear(n.ahead[k].step.args.In)
			}
		}
	}
}

// label names the step that runs, and within it that of a body.
func (f *frame) label() string {
	s := &f.program.Steps[f.at]
	l := fmt.Sprintf("step %d of %s, %v %s", f.at, f.program.Name, s.Ops, s.Name)
	if n := f.steps[f.at].nest; n != nil && n.now != nil {
		return l + ": " + n.now.label()
	}
	return l
}
