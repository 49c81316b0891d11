package exec

import (
	"unsafe"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/plan"
)

// nest is the bodies of a step of control flow.
type nest struct {
	plan   *plan.Nest
	bodies []*frame
	now    *frame        // the body that runs
	pred   kernel.Memory // what the condition of a loop gives
}

func newNest(p *plan.Nest, scratch kernel.Memory) *nest {
	n := &nest{plan: p}
	for _, b := range p.Programs {
		n.bodies = append(n.bodies, newFrame(b, scratch))
	}
	if p.Flow.Kind == graph.FlowWhile {
		n.pred = scratch[p.Pred : p.Pred+1 : p.Pred+1]
	}
	return n
}

// flow runs the bodies of s.
func (m *Machine) flow(s *step, held bool) error {
	var err error
	switch n := s.nest; n.plan.Flow.Kind {
	case graph.FlowIf:
		err = m.choose(s, n, held)
	case graph.FlowWhile:
		err = m.while(s, n, held)
	default:
		err = m.scan(s, n, held)
	}
	s.nest.now = nil
	return err
}

// enter runs one body.
func (m *Machine) enter(n *nest, body int, held bool) error {
	n.now = n.bodies[body]
	return m.run(n.now, held)
}

func (m *Machine) choose(s *step, n *nest, held bool) error {
	body := 1
	if s.args.In[0][0] != 0 {
		body = 0
	}
	f := n.bodies[body]
	for i, mem := range s.args.In[1:] {
		f.in[i].set(mem)
	}
	for i, mem := range s.args.Out {
		f.out[i].set(mem)
	}
	return m.enter(n, body, held)
}

func (m *Machine) while(s *step, n *nest, held bool) error {
	cond, body := n.bodies[0], n.bodies[1]
	for i, mem := range s.args.Out {
		begin(mem, s.args.In[i])
		cond.in[i].set(mem)
		body.in[i].set(mem)
	}
	for i := n.plan.Flow.Carry; i < len(s.args.In); i++ {
		cond.in[i].set(s.args.In[i])
		body.in[i].set(s.args.In[i])
	}
	cond.out[0].set(n.pred)
	for {
		if err := m.enter(n, 0, held); err != nil || n.pred[0] == 0 {
			return err
		}
		if err := m.enter(n, 1, held); err != nil {
			return err
		}
	}
}

// begin gives a carry its first value.
func begin(carry, init kernel.Memory) {
	if unsafe.SliceData(carry) != unsafe.SliceData(init) {
		copy(carry, init)
	}
}

func (m *Machine) scan(s *step, n *nest, held bool) error {
	flow, body := &n.plan.Flow, n.bodies[0]
	for i := range flow.Carry {
		begin(s.args.Out[i], s.args.In[i])
		body.in[i].set(s.args.Out[i])
	}
	xs := flow.Carry + flow.Consts
	for i := flow.Carry; i < xs; i++ {
		body.in[i].set(s.args.In[i])
	}
	for i := range flow.Length {
		t := i
		if flow.Reverse {
			t = flow.Length - 1 - i
		}
		for k := range n.plan.In {
			e := &n.plan.In[k]
			x := element(e, s.args.In[xs+k], t)
			if e.Slot >= 0 {
				slot := slotOf(e, s.args.Shared)
				copy(slot, x)
				x = slot
			}
			body.in[xs+k].set(x)
		}
		for k := range n.plan.Out {
			e := &n.plan.Out[k]
			y := element(e, s.args.Out[flow.Carry+k], t)
			if e.Slot >= 0 {
				y = slotOf(e, s.args.Shared)
			}
			body.out[flow.Carry+k].set(y)
		}
		if err := m.enter(n, 0, held); err != nil {
			return err
		}
		for k := range n.plan.Out {
			if e := &n.plan.Out[k]; e.Slot >= 0 {
				copy(element(e, s.args.Out[flow.Carry+k], t), slotOf(e, s.args.Shared))
			}
		}
	}
	return nil
}

// element is element t of an array over time.
func element(e *plan.Element, array kernel.Memory, t int) kernel.Memory {
	return array[t*e.Bytes : (t+1)*e.Bytes : (t+1)*e.Bytes]
}

func slotOf(e *plan.Element, scratch kernel.Memory) kernel.Memory {
	return scratch[e.Slot : e.Slot+e.Bytes : e.Slot+e.Bytes]
}
