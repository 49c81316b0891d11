package plan

import (
	"fmt"

	"github.com/ihae/ihae/graph"
)

// Options says how a function is planned. The zero value is right for most.
type Options struct {
	// Donate lists {output, input}: after a run the output lies in the input's
	// memory, which has the same type. It costs a copy only where the input is
	// still read after the output is written.
	Donate [][2]int
	// NoFusion runs every operation on its own, to find what fusing changes.
	NoFusion bool
	// NoRecompute keeps every value until its last use, instead of computing
	// cheap ones again from what is kept anyway.
	NoRecompute bool
	// Spare computes again what takes a few percent of the time too, such as
	// normalisations, to keep less.
	Spare bool
}

// Compile plans f. The program's inputs and outputs are f's, in f's order.
func Compile(f *graph.Func, o Options) (*Program, error) {
	if err := o.check(f); err != nil {
		return nil, err
	}
	return compile(f, o, body{theirs: constantsOf(f)})
}

// body is what is special about the program of a body.
type body struct {
	given []bool // by output: the caller gives memory for it
	still [2]int // the inputs, from and to, that are the same in every run
	// theirs is the constants that somebody else has too; nil for any.
	theirs map[*graph.Const]bool
}

// compile plans f, which may be a body.
func compile(f *graph.Func, o Options, b body) (*Program, error) {
	f, err := lower(f)
	if err != nil {
		return nil, err
	}
	p := newPlanner(f, o)
	p.given, p.still, p.theirs = b.given, b.still, b.theirs
	if err := p.gather(); err != nil {
		return nil, err
	}
	p.order()
	p.recompute()
	if o.Spare && !o.NoRecompute {
		p.spare()
	}
	return p.emit(p.place()), nil
}

// lower runs the passes from graph to graph.
func lower(f *graph.Func) (*graph.Func, error) {
	f, err := flows(f)
	if err != nil {
		return nil, err
	}
	f, err = improve(f, dissolve, fold, simplify, compose)
	if err != nil {
		return nil, err
	}
	if has[Transposer](f) {
		if f, err = improve(f, fold, simplify, compose, sink); err != nil {
			return nil, err
		}
	}
	if has[graph.Absorber](f) {
		return absorb(f)
	}
	return f, nil
}

// has says whether f has an operation of T.
func has[T any](f *graph.Func) bool {
	for _, n := range f.Out[0].Graph().Insts() {
		if _, ok := n.Op().(T); ok {
			return true
		}
	}
	return false
}

func (o Options) check(f *graph.Func) error {
	in, out := map[int]bool{}, map[int]bool{}
	for _, d := range o.Donate {
		switch {
		case d[0] < 0 || d[0] >= len(f.Out) || d[1] < 0 || d[1] >= len(f.In):
			return fmt.Errorf("plan: donation %v: %s has %d outputs and %d inputs", d, f.Name, len(f.Out), len(f.In))
		case f.Out[d[0]].Type() != f.In[d[1]].Type():
			return fmt.Errorf("plan: donation %v: output is %v, input is %v", d, f.Out[d[0]].Type(), f.In[d[1]].Type())
		case out[d[0]] || in[d[1]]:
			return fmt.Errorf("plan: donation %v: an output or an input is donated twice", d)
		}
		out[d[0]], in[d[1]] = true, true
	}
	return nil
}
