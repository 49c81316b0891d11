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
	ahead  []entering
	now    *frame        // the body that runs
	pred   kernel.Memory // what the condition of a loop gives
}

func newNest(p *plan.Nest, scratch kernel.Memory) *nest {
	n := &nest{plan: p}
	for _, b := range p.Programs {
		f := newFrame(b, scratch)
		n.bodies = append(n.bodies, f)
		for i := range b.Entering {
			e := &b.Entering[i]
			ready := scratch[e.Slot : e.Slot+e.Code.Shared : e.Slot+e.Code.Shared]
			step := step{phases: e.Code.Phases, args: kernel.Args{In: make([]kernel.Memory, e.Operand+1), Shared: ready}}
			n.ahead = append(n.ahead, entering{e, f, step})
		}
	}
	if p.Flow.Kind == graph.FlowWhile {
		n.pred = scratch[p.Pred : p.Pred+1 : p.Pred+1]
	}
	return n
}

// entering is work done once when a loop begins.
type entering struct {
	plan *plan.Entering
	body *frame
	step step
}

// prepare does what is done once, when the constants of a loop are in.
func (m *Machine) prepare(s *step, n *nest, held bool) error {
	for i := range n.ahead {
		e := &n.ahead[i]
		e.step.args.In[e.plan.Operand] = s.args.In[e.plan.From]
		n.now, e.body.at = e.body, 0
		if f := m.compute(&e.step, held); f != nil {
			f.Step = m.root.label()
			return f
		}
		e.body.in[e.plan.Input].set(e.step.args.Shared)
	}
	return nil
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
	if err := m.prepare(s, n, held); err != nil {
		return err
	}
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
	for i := flow.Carry; i < flow.Carry+flow.Consts; i++ {
		body.in[i].set(s.args.In[i])
	}
	first, by := 0, 1
	if flow.Reverse {
		first, by = flow.Length-1, -1
	}
	n.begin(s, first)
	if err := m.prepare(s, n, held); err != nil {
		return err
	}
	for i := range flow.Length {
		t := first + i*by
		n.carry(s, t, by, i == flow.Length-1)
		n.feed(s, t)
		if err := m.enter(n, 0, held); err != nil {
			return err
		}
		n.collect(s, t)
	}
	n.end(s, first+(flow.Length-1)*by)
	return nil
}

// begin brings the carries to where the first step reads them.
func (n *nest) begin(s *step, first int) {
	for k, c := range n.plan.Carries {
		init, last := s.args.In[k], s.args.Out[k]
		switch {
		case c.Kind == plan.CarryOwn || n.plan.Flow.Length == 0:
			begin(last, init)
			n.bodies[0].in[k].set(last)
		case c.Kind == plan.CarryResult:
			n.bodies[0].in[k].set(init)
		default:
			copy(n.over(s, c.Y, first), init)
		}
	}
}

// carry says where step t finds and leaves carries that are results over time.
func (n *nest) carry(s *step, t, by int, last bool) {
	for k, c := range n.plan.Carries {
		if c.Kind != plan.CarryKept {
			continue
		}
		n.bodies[0].in[k].set(n.over(s, c.Y, t))
		if last {
			n.bodies[0].out[k].set(s.args.Out[k])
		} else {
			n.bodies[0].out[k].set(n.over(s, c.Y, t+by))
		}
	}
}

// feed gives the body what step t reads of arrays and where it writes results.
func (n *nest) feed(s *step, t int) {
	body, xs := n.bodies[0], n.plan.Flow.Carry+n.plan.Flow.Consts
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
		switch {
		case n.plan.Results[k] < 0:
		case e.Slot >= 0:
			body.out[n.plan.Results[k]].set(slotOf(e, s.args.Shared))
		default:
			body.out[n.plan.Results[k]].set(n.over(s, k, t))
		}
	}
}

// collect takes results of step t from their slots, and lets the next step read
// carries where this one left them.
func (n *nest) collect(s *step, t int) {
	for k := range n.plan.Out {
		if e := &n.plan.Out[k]; e.Slot >= 0 {
			copy(n.over(s, k, t), slotOf(e, s.args.Shared))
		}
	}
	for k, c := range n.plan.Carries {
		if c.Kind == plan.CarryResult {
			n.bodies[0].in[k].set(n.over(s, c.Y, t))
		}
	}
}

// end brings carries that are results over time to the step's results.
func (n *nest) end(s *step, last int) {
	for k, c := range n.plan.Carries {
		if c.Kind == plan.CarryResult && n.plan.Flow.Length > 0 {
			copy(s.args.Out[k], n.over(s, c.Y, last))
		}
	}
}

// over is element t of result y over time.
func (n *nest) over(s *step, y, t int) kernel.Memory {
	return element(&n.plan.Out[y], s.args.Out[n.plan.Flow.Carry+y], t)
}

// element is element t of an array over time.
func element(e *plan.Element, array kernel.Memory, t int) kernel.Memory {
	return array[t*e.Bytes : (t+1)*e.Bytes : (t+1)*e.Bytes]
}

func slotOf(e *plan.Element, scratch kernel.Memory) kernel.Memory {
	return scratch[e.Slot : e.Slot+e.Bytes : e.Slot+e.Bytes]
}
