// Package exec runs programs on the CPU: workers, the memory of a run, and
// counters.
//
// Results have the same bits on any number of threads, because how a kernel
// cuts its work depends on sizes alone.
package exec

import (
	"context"
	"fmt"
	"unsafe"

	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// serialWork is the work in nanoseconds below which a phase runs in the
// caller's goroutine: to share it would take as long.
const serialWork = 5000

// Machine is a program with memory to run in. It serves one caller at a time.
// The memory is taken at the first run, and given back with the machine.
type Machine struct {
	program *plan.Program
	pool    *Pool
	steps   []step
	locals  []kernel.Memory
	inputs  []input
	results []tensor.Tensor
	fed     []fedResult // results that lie in inputs
	wide    bool        // some phase is worth waking workers for
	at      int         // the step being run
	profile *counters
}

// step is an instruction with the memory of its operands.
type step struct {
	args   kernel.Args
	phases []kernel.Phase
}

// fedResult says that a result is an input's memory.
type fedResult struct{ result, input int }

// NewMachine makes a machine for p. Machines of one program share its constants.
func NewMachine(p *plan.Program, pool *Pool) *Machine {
	m := &Machine{program: p, pool: pool}
	for i := range p.Steps {
		for _, ph := range p.Steps[i].Code.Phases {
			m.wide = m.wide || shared(&ph)
		}
	}
	return m
}

// shared says whether a phase is worth several workers.
func shared(ph *kernel.Phase) bool { return ph.Pieces > 1 && ph.Work >= serialWork }

// Program is what the machine runs.
func (m *Machine) Program() *plan.Program { return m.program }

// Run computes the program's outputs from in, which must have the types of its
// inputs. The results are views of the machine's memory, valid until the next
// run; a donated output is the input's memory. Run allocates nothing but at its
// first call. Between two steps it looks whether ctx is done; then, and after
// any other error, the contents of donated inputs are undefined.
func (m *Machine) Run(ctx context.Context, in []tensor.Tensor) ([]tensor.Tensor, error) {
	if err := m.bind(in); err != nil {
		return nil, err
	}
	if err := m.execute(ctx); err != nil {
		return nil, err
	}
	m.handBack()
	return m.results, nil
}

// execute runs all steps.
func (m *Machine) execute(ctx context.Context) (err error) {
	held := m.wide && m.pool.hold()
	if held {
		m.pool.rouse()
		defer m.pool.release()
	}
	defer m.report(&err)
	done := ctx.Done()
	for m.at = 0; m.at < len(m.steps); m.at++ {
		if done != nil {
			select {
			case <-done:
				return fmt.Errorf("exec: %s stopped: %w", m.program.Name, context.Cause(ctx))
			default:
			}
		}
		if m.profile != nil {
			m.profile.start()
		}
		if f := m.run(&m.steps[m.at], held); f != nil {
			f.Step = m.label(m.at)
			return f
		}
		if m.profile != nil {
			m.profile.stop(m.at)
		}
	}
	return nil
}

// run computes one step.
func (m *Machine) run(s *step, held bool) *Fault {
	for i := range s.phases {
		ph := &s.phases[i]
		if held && shared(ph) {
			if f := m.pool.run(ph, &s.args, m.locals); f != nil {
				return f
			}
			continue
		}
		for piece := range ph.Pieces {
			ph.Run(&s.args, piece, m.locals[0])
		}
	}
	return nil
}

// report makes an error of a panic in the caller's goroutine.
func (m *Machine) report(err *error) {
	if r := recover(); r != nil {
		f := newFault(r)
		f.Step = m.label(m.at)
		*err = f
	}
}

func (m *Machine) label(at int) string {
	s := &m.program.Steps[at]
	return fmt.Sprintf("step %d of %s, %v %s", at, m.program.Name, s.Ops, s.Name)
}

// build takes the memory and lays out the operands of every step.
func (m *Machine) build() {
	p := m.program
	arena := bytesOf(p.Arena)
	m.locals = make([]kernel.Memory, m.pool.Threads())
	for i := range m.locals {
		m.locals[i] = bytesOf(p.Local)
	}
	m.inputs = make([]input, len(p.In))
	m.steps = make([]step, len(p.Steps))
	for i := range p.Steps {
		from, to := &p.Steps[i], &m.steps[i]
		to.phases = from.Code.Phases
		to.args.In = m.operands(arena, from.In)
		to.args.Out = m.operands(arena, from.Out)
		to.args.Shared = memory(arena, from.Shared)
	}
	m.results = make([]tensor.Tensor, len(p.Out))
	for i, o := range p.Out {
		if o.Place.Space == plan.Fed {
			m.fed = append(m.fed, fedResult{i, o.Place.Index})
			continue
		}
		m.results[i] = view(o.Type, memory(arena, o.Place))
	}
}

// operands is the memory of a step's operands; those that are inputs are noted,
// for bind to fill in.
func (m *Machine) operands(arena kernel.Memory, os []plan.Operand) []kernel.Memory {
	mem := make([]kernel.Memory, len(os))
	for i, o := range os {
		switch o.Place.Space {
		case plan.Arena:
			mem[i] = memory(arena, o.Place)
		case plan.Constant:
			mem[i] = m.program.Constants[o.Place.Index].Bytes()
		case plan.Fed:
			in := &m.inputs[o.Place.Index]
			in.readers = append(in.readers, &mem[i])
		}
	}
	return mem
}

func memory(arena kernel.Memory, p plan.Place) kernel.Memory {
	return arena[p.Offset : p.Offset+p.Bytes : p.Offset+p.Bytes]
}

// bytesOf is n bytes, aligned for kernels.
func bytesOf(n int) kernel.Memory {
	return tensor.New(tensor.Type{DType: tensor.Uint8, Shape: tensor.Dims(n)}).Bytes()
}

// view is a tensor over memory whose size the plan has taken from t.
func view(t tensor.Type, mem []byte) tensor.Tensor {
	v, err := tensor.View(t, mem)
	if err != nil {
		panic(err)
	}
	return v
}

func aligned(mem []byte) bool {
	return len(mem) == 0 || uintptr(unsafe.Pointer(unsafe.SliceData(mem)))%tensor.Align == 0
}
