package exec

import (
	"fmt"

	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// input is one input of a machine.
type input struct {
	from    tensor.Tensor // what the caller gave
	aligned kernel.Memory // a copy of it, if its own memory is not aligned
}

// bind checks the inputs and makes their memory the steps' operands.
func (m *Machine) bind(in []tensor.Tensor) error {
	if err := m.check(in); err != nil {
		return err
	}
	if m.root == nil {
		if err := Fits(m.program, m.pool.Threads()); err != nil {
			return err
		}
		m.build()
	}
	for i := range in {
		at := &m.inputs[i]
		at.from = in[i]
		mem := kernel.Memory(in[i].Bytes())
		if !aligned(mem) {
			if at.aligned == nil {
				at.aligned = bytesOf(len(mem))
			}
			copy(at.aligned, mem)
			mem = at.aligned
		}
		m.root.in[i].set(mem)
	}
	for _, f := range m.fed {
		m.results[f.result] = view(m.program.Out[f.result].Type, in[f.input].Bytes())
	}
	return nil
}

func (m *Machine) check(in []tensor.Tensor) error {
	p := m.program
	if len(in) != len(p.In) {
		return fmt.Errorf("exec: %s takes %d inputs, got %d", p.Name, len(p.In), len(in))
	}
	for i := range in {
		if in[i].Type() != p.In[i].Type {
			return fmt.Errorf("exec: input %d %q of %s is %v, want %v", i, p.In[i].Label, p.Name, in[i].Type(), p.In[i].Type)
		}
	}
	return nil
}

// handBack copies what was written to the aligned copies of inputs to the
// inputs themselves.
func (m *Machine) handBack() {
	for _, f := range m.fed {
		if in := &m.inputs[f.input]; !aligned(in.from.Bytes()) {
			copy(in.from.Bytes(), in.aligned)
		}
	}
}

// unbind lets go of the caller's memory.
func (m *Machine) unbind() {
	for i := range m.inputs {
		m.inputs[i].from = tensor.Tensor{}
	}
	if m.root != nil {
		m.root.clear()
	}
	for _, f := range m.fed {
		m.results[f.result] = tensor.Tensor{}
	}
}
