// Package exec runs programs on the CPU: workers, the memory of a run, and
// counters.
//
// Results have the same bits on any number of threads, because how a kernel
// cuts its work depends on sizes alone.
package exec

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	root    *frame // nil before the first run
	locals  []kernel.Memory
	inputs  []input
	results []tensor.Tensor
	fed     []fedResult     // results that lie in inputs
	wide    bool            // some phase is worth waking workers for
	count   bool            // steps take their time
	done    <-chan struct{} // of the context of the run
}

// fedResult says that a result is an input's memory.
type fedResult struct{ result, input int }

// NewMachine makes a machine for p. Machines of one program share its constants.
func NewMachine(p *plan.Program, pool *Pool) *Machine {
	return &Machine{program: p, pool: pool, wide: wide(p)}
}

// wide says whether some phase of p or its bodies is worth several workers.
func wide(p *plan.Program) bool {
	for i := range p.Steps {
		s := &p.Steps[i]
		for k := range s.Code.Phases {
			if shared(&s.Code.Phases[k]) {
				return true
			}
		}
		if s.Nest != nil && slices.ContainsFunc(s.Nest.Programs, wide) {
			return true
		}
	}
	for i := range p.Entering {
		if slices.ContainsFunc(p.Entering[i].Code.Phases, func(ph kernel.Phase) bool { return shared(&ph) }) {
			return true
		}
	}
	return false
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
	m.done = ctx.Done()
	if err = m.run(m.root, held); err == errStopped {
		err = fmt.Errorf("exec: %s stopped: %w", m.program.Name, context.Cause(ctx))
	}
	return err
}

// errStopped says that the context is done.
var errStopped = errors.New("stopped")

// run runs the steps of f.
func (m *Machine) run(f *frame, held bool) error {
	for f.at = 0; f.at < len(f.steps); f.at++ {
		if m.done != nil {
			select {
			case <-m.done:
				return errStopped
			default:
			}
		}
		if f.profile != nil {
			f.profile.start()
		}
		s := &f.steps[f.at]
		if s.nest != nil {
			if err := m.flow(s, held); err != nil {
				return err
			}
		} else if fault := m.compute(s, held); fault != nil {
			fault.Step = m.root.label()
			return fault
		}
		if f.profile != nil {
			f.profile.stop(f.at)
		}
	}
	return nil
}

// compute runs the phases of a step.
func (m *Machine) compute(s *step, held bool) *Fault {
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
		f.Step = m.root.label()
		*err = f
	}
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
	m.root = newFrame(p, arena)
	if m.count {
		m.root.count()
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
