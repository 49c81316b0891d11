package plan_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// memory is what lies where while a program runs: the value that each word of
// the arena and each input hold.
type memory struct {
	arena []int
	fed   []int
	given []int
}

// prepared stands for the value of an input that is work done ahead.
const prepared = -3

// checkMemory walks a program and asks that every step reads what was written
// for it, that places lie within their memory, and that outputs survive.
func checkMemory(p *plan.Program) error {
	m := memory{arena: make([]int, p.Arena/tensor.Align), fed: make([]int, len(p.In)), given: make([]int, len(p.Out))}
	for i := range m.arena {
		m.arena[i] = -1
	}
	for i := range m.fed {
		m.fed[i] = i
	}
	for _, e := range p.Entering {
		m.fed[e.Input] = prepared
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		for j, o := range s.In {
			if err := m.holds(o.Place, o.Value); err != nil {
				return fmt.Errorf("step %d reads operand %d: %w", i, j, err)
			}
		}
		if s.Shared.Bytes != s.Code.Shared {
			return fmt.Errorf("step %d has %d bytes of scratch, wants %d", i, s.Shared.Bytes, s.Code.Shared)
		}
		if err := checkNest(s); err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
		m.fill(s.Shared, -2)
		for j, o := range s.In {
			if overlap(s.Shared, o.Place) {
				return fmt.Errorf("step %d: scratch overlaps operand %d", i, j)
			}
		}
		for j, o := range s.Out {
			for k, b := range s.Out[:j] {
				if overlap(o.Place, b.Place) {
					return fmt.Errorf("step %d: results %d and %d overlap", i, k, j)
				}
			}
			for k, a := range s.In {
				if overlap(o.Place, a.Place) && o.Place != a.Place {
					return fmt.Errorf("step %d: result %d partly overlaps operand %d", i, j, k)
				}
			}
			if o.Place.Space == plan.Fed && !p.In[o.Place.Index].Written || o.Place.Space == plan.Constant {
				return fmt.Errorf("step %d writes to %v", i, o.Place)
			}
			if overlap(o.Place, s.Shared) {
				return fmt.Errorf("step %d: scratch overlaps result %d", i, j)
			}
			m.fill(o.Place, o.Value)
		}
	}
	for i, o := range p.Out {
		if err := m.holds(o.Place, o.Value); err != nil {
			return fmt.Errorf("output %d: %w", i, err)
		}
	}
	return nil
}

// checkNest checks the programs of a step's bodies, and that what they use of the
// step's scratch does not overlap.
func checkNest(s *plan.Step) error {
	if s.Nest == nil {
		return nil
	}
	free := 0
	for i, b := range s.Nest.Programs {
		if err := checkMemory(b); err != nil {
			return fmt.Errorf("body %d: %w", i, err)
		}
		free = max(free, b.Arena)
		if s.Code.Local < b.Local {
			return fmt.Errorf("body %d needs %d bytes for each worker, the step has %d", i, b.Local, s.Code.Local)
		}
	}
	for _, b := range s.Nest.Programs {
		for _, e := range b.Entering {
			if e.Slot < free || e.Slot%tensor.Align != 0 || b.In[e.Input].Type.Bytes() != e.Code.Shared {
				return fmt.Errorf("what is prepared is at %d, %d bytes are in use", e.Slot, free)
			}
			free = e.Slot + e.Code.Shared
		}
	}
	for _, e := range append(slices.Clone(s.Nest.In), s.Nest.Out...) {
		switch {
		case e.Slot < 0 && e.Bytes%tensor.Align != 0:
			return fmt.Errorf("elements of %d bytes stay where they are", e.Bytes)
		case e.Slot >= 0 && (e.Slot < free || e.Slot%tensor.Align != 0):
			return fmt.Errorf("slot at %d, %d bytes are in use", e.Slot, free)
		case e.Slot >= 0:
			free = e.Slot + e.Bytes
		}
	}
	if free > s.Shared.Bytes {
		return fmt.Errorf("bodies use %d bytes of %d", free, s.Shared.Bytes)
	}
	return nil
}

func (m *memory) fill(p plan.Place, v int) {
	switch p.Space {
	case plan.Arena:
		for i := p.Offset / tensor.Align; i*tensor.Align < p.Offset+p.Bytes; i++ {
			m.arena[i] = v
		}
	case plan.Fed:
		m.fed[p.Index] = v
	case plan.Given:
		m.given[p.Index] = v
	}
}

// holds asks that all of p holds value v.
func (m *memory) holds(p plan.Place, v int) error {
	switch p.Space {
	case plan.Arena:
		for i := p.Offset / tensor.Align; i*tensor.Align < p.Offset+p.Bytes; i++ {
			if m.arena[i] != v {
				return fmt.Errorf("%v holds value %d, want %d", p, m.arena[i], v)
			}
		}
	case plan.Fed:
		if m.fed[p.Index] != v && m.fed[p.Index] != prepared {
			return fmt.Errorf("%v holds value %d, want %d", p, m.fed[p.Index], v)
		}
	case plan.Given:
		if m.given[p.Index] != v {
			return fmt.Errorf("%v holds value %d, want %d", p, m.given[p.Index], v)
		}
	}
	return nil
}

func overlap(a, b plan.Place) bool {
	if a.Space != b.Space || a.Index != b.Index || a.Space == plan.Constant || a.Bytes == 0 || b.Bytes == 0 {
		return false
	}
	return a.Space != plan.Arena || a.Offset < b.Offset+b.Bytes && b.Offset < a.Offset+a.Bytes
}

// TestMemoryHoldsWhatStepsRead checks the plans of many random functions.
func TestMemoryHoldsWhatStepsRead(t *testing.T) {
	for seed := range uint64(300) {
		r := &random{Rand: rand.New(rand.NewPCG(seed, 1))}
		f, _, donate := r.function(5 + r.IntN(60))
		for _, o := range []plan.Options{{}, {Donate: donate}, {NoFusion: true, Donate: donate}, {NoRecompute: true}, {Spare: true, Donate: donate}} {
			p, err := plan.Compile(f, o)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if err := checkMemory(p); err != nil {
				t.Fatalf("seed %d, %+v: %v", seed, o, err)
			}
			if s := p.Stats(); s.Peak > s.Arena {
				t.Errorf("seed %d: peak %d above arena %d", seed, s.Peak, s.Arena)
			}
		}
	}
}

// mirror is a[i] + b[n-1-i], whose result may lie in a.
type mirror struct{}

func (mirror) Name() string { return "mirror" }

func (mirror) Infer(in []tensor.Type) ([]tensor.Type, error) { return in[:1], nil }

func (mirror) Ref(out, in []tensor.Wide) {
	for i, a := range in[0].F {
		out[0].F[i] = a + in[1].F[len(in[1].F)-1-i]
	}
}

func (mirror) InPlace() [][2]int { return [][2]int{{0, 0}} }

// TestInPlaceLeavesOtherOperands: a result takes the memory of an operand only
// if the step does not read that memory otherwise.
func TestInPlaceLeavesOtherOperands(t *testing.T) {
	g := graph.New()
	x := g.Leaf("x", tensor.F32(64))
	once := graph.Apply1(opaque{}, x)
	twice := graph.Apply1(opaque{}, ops.Neg(x))
	p := compile(t, plan.Options{}, []*graph.Node{x},
		graph.Apply1(mirror{}, once, x), graph.Apply1(mirror{}, twice, twice))
	found := 0
	for _, s := range p.Steps {
		if s.Ops[0] != "mirror" {
			continue
		}
		found++
		if got, want := s.Out[0].Place == s.In[0].Place, s.In[0].Value != s.In[1].Value; got != want {
			t.Errorf("in place: %v, want %v", got, want)
		}
	}
	if found != 2 {
		t.Errorf("%d steps of two", found)
	}
}

// TestScratchIsReserved: the scratch of a product that packs an operand has its
// place apart from all values.
func TestScratchIsReserved(t *testing.T) {
	g := graph.New()
	x, y := g.Leaf("x", tensor.F32(96, 80)), g.Leaf("y", tensor.F32(96, 80))
	z := graph.Apply1(opaque{}, ops.DotGeneral(ops.Tanh(x), y, ops.DotDims{ContractA: ops.List(1), ContractB: ops.List(1)}))
	p := compile(t, plan.Options{}, []*graph.Node{x, y}, ops.MatMul(z, ops.Exp(y)))
	if err := checkMemory(p); err != nil {
		t.Error(err)
	}
	scratch := 0
	for _, s := range p.Steps {
		scratch += s.Shared.Bytes
	}
	if scratch == 0 {
		t.Error("no step has scratch")
	}
}
