package lower

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// What a session does to run a model is a tree of points. At each it does one
// step, and goes on to the point that the step's answer leads to: most steps
// have one answer, but where a program depends on contents, or on shapes that
// the host computed, there is a branch for each that was met.

type point struct {
	do   step
	next map[string]*point
	end  bool
	out  []result
}

// step is one thing that a run does.
type step interface {
	run(ctx context.Context, r *running) (answer string, err error)
}

// running is one run of a session.
type running struct{ slots []Host } // slot n is slots[n-1]

func (r *running) get(slot int) Host { return r.slots[slot-1] }

func (r *running) put(slot int, h Host) {
	for len(r.slots) < slot {
		r.slots = append(r.slots, Host{})
	}
	r.slots[slot-1] = h
}

// operand is a slot of the run, or what is fixed, or neither.
type operand struct {
	slot  int
	fixed *Host
}

func (o operand) in(r *running) Host {
	switch {
	case o.fixed != nil:
		return *o.fixed
	case o.slot > 0:
		return r.get(o.slot)
	}
	return Host{}
}

// result is how an output of the model is put together.
type result struct {
	operand
	kind  HostKind
	items []result
}

func (x result) in(r *running) Host {
	if x.kind != KindSequence && x.kind != KindOptional {
		return x.operand.in(r)
	}
	h := Host{Kind: x.kind}
	for _, i := range x.items {
		h.Items = append(h.Items, i.in(r))
	}
	return h
}

// programStep runs a compiled segment.
type programStep struct {
	fn      *exec.Function
	in, out []int
}

func (s *programStep) run(ctx context.Context, r *running) (string, error) {
	in := make([]tensor.Tensor, len(s.in))
	for i, slot := range s.in {
		in[i] = r.get(slot).Tensor
	}
	out, err := s.fn.Call(ctx, in...)
	if err != nil {
		return "", err
	}
	for i, t := range out {
		r.put(s.out[i], TensorHost(t))
	}
	return "", nil
}

// hostStep computes on the host. Its answer is the types of its results.
type hostStep struct {
	f   HostFunc
	in  []operand
	out int // the first slot
}

func (s *hostStep) run(_ context.Context, r *running) (string, error) {
	in := make([]Host, len(s.in))
	for i, o := range s.in {
		in[i] = o.in(r)
	}
	out, err := s.f(in)
	if err != nil {
		return "", err
	}
	answer := fmt.Sprint(len(out))
	for i, h := range out {
		r.put(s.out+i, h)
		answer += " " + h.typeKey()
	}
	return answer, nil
}

// askStep's answer is the content of a slot.
type askStep struct{ slot int }

func (s askStep) run(_ context.Context, r *running) (string, error) {
	return r.get(s.slot).contentKey(), nil
}

// recorder walks the tree of points during a lowering, runs what is there and
// adds what is not.
type recorder struct {
	ctx   context.Context
	s     *Session
	at    *point
	r     *running
	slots int // that are taken
}

// step does the step at the present point, which make makes if it is new.
func (rec *recorder) step(make func() (step, error)) error {
	rec.s.mu.Lock()
	do := rec.at.do
	rec.s.mu.Unlock()
	if do == nil {
		var err error
		if do, err = make(); err != nil {
			return err
		}
	}
	answer, err := do.run(rec.ctx, rec.r)
	if err != nil {
		return err
	}
	rec.s.mu.Lock()
	defer rec.s.mu.Unlock()
	p := rec.at
	if p.do == nil {
		p.do, p.next = do, map[string]*point{}
	}
	if p.next[answer] == nil {
		p.next[answer] = &point{}
		rec.s.points++
	}
	rec.at = p.next[answer]
	return nil
}

// program runs the nodes of g as one program and returns the slots of their
// contents.
func (rec *recorder) program(g *graph.Graph, nodes []*graph.Node) ([]int, error) {
	slots := rec.take(len(nodes))
	if len(nodes) == 0 {
		return nil, nil
	}
	err := rec.step(func() (step, error) {
		var in []*graph.Node
		s := &programStep{out: slots}
		for _, inst := range graph.Reachable(nodes) {
			leaf, ok := inst.Op().(graph.Leaf)
			if !ok {
				continue
			}
			slot := keySlot
			if leaf.Label != KeyLabel {
				if _, err := fmt.Sscanf(leaf.Label, "slot.%d", &slot); err != nil {
					return nil, fmt.Errorf("internal: leaf %q in a segment", leaf.Label)
				}
			}
			s.in, in = append(s.in, slot), append(in, inst.Out()[0])
		}
		f, err := graph.NewFunc("segment", in, nodes)
		if err != nil {
			return nil, err
		}
		s.fn, err = exec.Compile(f, rec.s.pool, plan.Options{})
		return s, err
	})
	return slots, err
}

// take reserves slots.
func (rec *recorder) take(n int) []int {
	slots := make([]int, n)
	for i := range slots {
		rec.slots++
		slots[i] = rec.slots
	}
	return slots
}

// host computes values on the host.
func (rec *recorder) host(f HostFunc, in []operand) ([]*value, error) {
	first := rec.slots + 1
	if err := rec.step(func() (step, error) { return &hostStep{f, in, first}, nil }); err != nil {
		return nil, err
	}
	out := make([]*value, len(rec.r.slots)-rec.slots)
	for i := range out {
		slot := rec.take(1)[0]
		out[i] = slotValue(rec.r.get(slot), slot)
	}
	return out, nil
}

func slotValue(h Host, slot int) *value {
	v := &value{kind: h.Kind, slot: slot}
	if h.Kind == KindTensor {
		v.typ = h.Tensor.Type()
	}
	return v
}

// ask is the content of a slot; what follows depends on it.
func (rec *recorder) ask(slot int) (Host, error) {
	err := rec.step(func() (step, error) { return askStep{slot}, nil })
	return rec.r.get(slot), err
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
