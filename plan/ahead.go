package plan

import (
	"bytes"
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// prepare does what codes can do ahead with operands that are constants: weights
// are packed once, here, instead of in every run. What was packed from takes no
// memory in the program if nobody else reads it.
func (p *planner) prepare() {
	packed := map[int][]int{} // from constants' values to the values made of them
	readers := p.readers()
	for i := range p.units {
		u := &p.units[i]
		if u.code == nil || u.code.Ahead == nil || u.nest != nil {
			continue
		}
		a := u.code.Ahead
		from := u.in[a.Operand]
		c := p.values[from].constant
		if c < 0 {
			p.prepareEntering(u)
			continue
		}
		made := prepared(a, p.constants[c])
		same := slices.IndexFunc(packed[from], func(v int) bool {
			return bytes.Equal(p.constants[p.values[v].constant].Bytes(), made.Bytes())
		})
		if same < 0 {
			v := p.addValue(made.Type(), p.values[from].name, nil)
			p.values[v].constant, p.constants = len(p.constants), append(p.constants, made)
			same, packed[from] = len(packed[from]), append(packed[from], v)
		}
		u.in, u.types, u.code = slices.Clone(u.in), slices.Clone(u.types), a.Code
		u.in[a.Operand], u.types[a.Operand] = packed[from][same], made.Type()
		if readers[from]--; readers[from] == 0 {
			p.release(from)
		}
	}
	if len(packed) > 0 {
		p.dropUnread()
	}
}

// readers counts the operands and outputs that are each value.
func (p *planner) readers() map[int]int {
	n := map[int]int{}
	for i := range p.units {
		for _, v := range p.units[i].in {
			n[v]++
		}
	}
	for _, v := range p.outputs {
		n[v]++
	}
	return n
}

// release gives back the memory of a constant that was packed and that nobody reads,
// while others are still to be packed. A constant that folding made belongs to this
// compilation, and its operation lets go of it too.
func (p *planner) release(v int) {
	p.constants[p.values[v].constant] = tensor.Tensor{}
	if c, ok := p.values[v].op.(*graph.Const); ok && p.theirs != nil && !p.theirs[c] {
		c.Value = tensor.Tensor{}
	}
}

// constantsOf is the constants of f and of the functions in it.
func constantsOf(f *graph.Func) map[*graph.Const]bool {
	all := map[*graph.Const]bool{}
	var add func(f *graph.Func)
	add = func(f *graph.Func) {
		for _, n := range graph.Reachable(f.Out) {
			switch op := n.Op().(type) {
			case *graph.Const:
				all[op] = true
			case graph.Bodied:
				for _, b := range op.Bodies() {
					add(b)
				}
			}
		}
	}
	add(f)
	return all
}

// prepared is what a makes of an operand.
func prepared(a *kernel.Ahead, of tensor.Tensor) tensor.Tensor {
	args := &kernel.Args{In: make([]kernel.Memory, a.Operand+1)}
	args.In[a.Operand] = of.Bytes()
	runSerially(a.Prepare, args)
	return tensor.From(tensor.Dims(a.Bytes), []byte(args.Shared))
}

// dropUnread leaves out the constants that no unit reads.
func (p *planner) dropUnread() {
	read := make([]bool, len(p.constants))
	for i := range p.units {
		for _, v := range p.units[i].in {
			if c := p.values[v].constant; c >= 0 {
				read[c] = true
			}
		}
	}
	var kept []tensor.Tensor
	at := make([]int, len(p.constants))
	for i, c := range p.constants {
		at[i] = -1
		if read[i] {
			at[i], kept = len(kept), append(kept, c)
		}
	}
	for i := range p.values {
		if c := p.values[i].constant; c >= 0 {
			p.values[i].constant = at[c]
		}
	}
	p.constants = kept
}
