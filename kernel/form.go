package kernel

import (
	"iter"

	"github.com/ihae/ihae/internal/cpu"
)

// Family is one kernel in all its forms. F is a function or a table of them.
type Family[F any] struct {
	name  string
	forms []formOf[F]
}

type formOf[F any] struct {
	form cpu.Form
	fn   F
}

// newFamily starts a family from its plain form, which runs everywhere.
func newFamily[F any](name string, plain F) *Family[F] {
	return &Family[F]{name: name, forms: []formOf[F]{{cpu.Plain, plain}}}
}

// add offers a faster form, which is left out where the machine cannot run it.
// Forms are added from the slowest to the fastest, in init of a file that is
// built only where the form can be compiled.
func (f *Family[F]) add(form cpu.Form, fn F) {
	if cpu.Runs(form) {
		f.forms = append(f.forms, formOf[F]{form, fn})
	}
}

// Name is what the family computes.
func (f *Family[F]) Name() string { return f.name }

// Best is the fastest form that this machine runs and IHAE_CPU allows.
func (f *Family[F]) Best() F {
	best := f.forms[0].fn
	for _, x := range f.forms {
		if x.form.AtMost(cpu.Best()) {
			best = x.fn
		}
	}
	return best
}

// All yields every form that this machine runs, by name, plain first, whatever
// IHAE_CPU says.
func (f *Family[F]) All() iter.Seq2[string, F] {
	return func(yield func(string, F) bool) {
		for _, x := range f.forms {
			if !yield(string(x.form), x.fn) {
				return
			}
		}
	}
}
