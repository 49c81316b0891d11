package plan

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Nest is the programs of a step of control flow, and how operands and results
// of the step are inputs and outputs of the programs.
//
// The state of a loop lies in the memory of the step's results, where programs
// update it in place; carries of a scan that are results over time as well lie
// there. Constants are read where they lie. What runs along time is read and written one element after the other where it lies,
// or, if elements are not aligned, by way of a slot in the step's scratch. The
// arena of whichever program runs is the beginning of that scratch.
type Nest struct {
	Flow     graph.Flow
	Programs []*Program // in the order of [graph.FlowKind]
	// In and Out are, for each operand and each result of a scan that runs along
	// time, how its elements lie.
	In, Out []Element
	Results []int   // by result over time: the output of the program, -1 for a kept carry
	Carries []Carry // of a scan
	Pred    int     // where in the scratch the condition of a loop is
	Scratch int     // bytes, multiples of tensor.Align
}

// Element is one element of an array over time.
type Element struct {
	Bytes int
	Slot  int // where it is in the scratch while a program uses it; -1 if it stays in the array
}

// enterFrom is the least length of a scan for which work is done ahead.
const enterFrom = 4

// newNest compiles the bodies of n.
func newNest(op graph.Flowing, n *graph.Inst, o Options) (*Nest, error) {
	nest := &Nest{Flow: op.Flow(), Pred: -1}
	for i, f := range op.Bodies() {
		if nest.Flow.Kind == graph.FlowScan {
			var err error
			if f, err = nest.carries(f); err != nil {
				return nil, err
			}
		}
		p, err := nest.compile(f, i, Options{NoFusion: o.NoFusion, NoRecompute: o.NoRecompute, Spare: o.Spare})
		if err != nil {
			return nil, fmt.Errorf("body %s of %s: %w", f.Name, op.Name(), err)
		}
		nest.Programs = append(nest.Programs, p)
		nest.Scratch = max(nest.Scratch, p.Arena)
	}
	for _, p := range nest.Programs {
		for i := range p.Entering {
			p.Entering[i].Slot = nest.slot(p.Entering[i].Code.Shared)
		}
	}
	switch nest.Flow.Kind {
	case graph.FlowWhile:
		nest.Pred = nest.slot(1)
	case graph.FlowScan:
		nest.elements(op.Bodies()[0])
	}
	return nest, nil
}

// compile plans body number i of the nest.
func (n *Nest) compile(f *graph.Func, i int, o Options) (*Program, error) {
	b := body{given: make([]bool, len(f.Out))}
	for k := range b.given {
		b.given[k] = true
	}
	if c := n.Flow.Carry; n.Flow.Kind == graph.FlowWhile || n.Flow.Kind == graph.FlowScan && n.Flow.Length >= enterFrom {
		b.still = [2]int{c, c + n.Flow.Consts}
	}
	if n.Flow.Kind == graph.FlowScan || n.Flow.Kind == graph.FlowWhile && i == 1 {
		for k := range n.Flow.Carry {
			kind := CarryOwn
			if n.Carries != nil {
				kind = n.Carries[k].Kind
			}
			if kind == CarryOwn {
				o.Donate = append(o.Donate, [2]int{k, k})
			}
			b.given[k] = kind == CarryKept
		}
	}
	return compile(f, o, b)
}

// slot is scratch of its own.
func (n *Nest) slot(bytes int) int {
	at := n.Scratch
	n.Scratch += round(bytes)
	return at
}

// elements says how the elements of arrays over time are reached.
func (n *Nest) elements(f *graph.Func) {
	element := func(t tensor.Type) Element {
		e := Element{Bytes: t.Bytes(), Slot: -1}
		if e.Bytes%tensor.Align != 0 {
			e.Slot = n.slot(e.Bytes)
		}
		return e
	}
	for _, x := range f.In[n.Flow.Carry+n.Flow.Consts:] {
		n.In = append(n.In, element(x.Type()))
	}
	for _, y := range f.Out[n.Flow.Carry:] {
		n.Out = append(n.Out, element(y.Type()))
	}
}

// code is the scratch that a step with n needs.
func (n *Nest) code() *kernel.Code {
	c := &kernel.Code{Shared: n.Scratch}
	for _, p := range n.Programs {
		c.Local = max(c.Local, p.Local)
		for i := range p.Entering {
			c.Local = max(c.Local, p.Entering[i].Code.Local)
		}
	}
	return c
}

// flops is the floating-point operations of a run: of the longer body of a
// choice, of one step of a loop whose length nobody knows.
func (n *Nest) flops() int64 {
	return n.total(func(s Stats) int64 { return s.FLOPs })
}

// bytes is what a run moves at least, counted as flops is.
func (n *Nest) bytes() int64 {
	return n.total(func(s Stats) int64 { return s.Bytes })
}

func (n *Nest) total(of func(s Stats) int64) int64 {
	var all []int64
	for _, p := range n.Programs {
		all = append(all, of(p.Stats()))
	}
	switch n.Flow.Kind {
	case graph.FlowIf:
		return max(all[0], all[1])
	case graph.FlowWhile:
		return all[0] + all[1]
	}
	return int64(n.Flow.Length) * all[0]
}
