package zoo

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// WithWeights lists the variants of which public weights are known, by name.
func WithWeights() []string {
	var all []string
	for _, name := range Names() {
		e, err := Lookup(name)
		if err != nil {
			continue
		}
		for _, v := range e.Variants {
			if slices.ContainsFunc(e.Weights, func(m Mapping) bool { return m.of(v.Name) }) {
				all = append(all, v.Name)
			}
		}
	}
	return all
}

// of says whether there are such files of a variant.
func (m Mapping) of(variant string) bool { return len(m.Of) == 0 || slices.Contains(m.Of, variant) }

// wrappers is what programs call the weights among other things that they save.
var wrappers = []string{"state_dict", "model_state_dict", "model", "params", "weights", "net"}

// Filled is a published network with the weights of a file, whose names are
// understood in any of the ways that [Entry.Weights] lists, and what it is fed.
// See [LoadWeights] for names and get.
func Filled(variant string, r rng.Stream, names []string, get func(name string) (tensor.Tensor, error)) (nn.Layer, In, error) {
	e, err := Lookup(variant)
	if err != nil {
		return nil, In{}, err
	}
	base := e
	if e.of != "" {
		if base, err = Lookup(e.of); err != nil {
			return nil, In{}, err
		}
	}
	at := slices.IndexFunc(base.Variants, func(v Variant) bool { return v.Name == variant })
	if at < 0 {
		return nil, In{}, fmt.Errorf("%s is no published size; there is %s", variant, strings.Join(WithWeights(), ", "))
	}
	v := base.Variants[at]
	names, get = unwrapped(names, get)
	var faults []error
	for _, m := range base.Weights {
		if !m.of(variant) {
			continue
		}
		net, err := New(variant, r, v.In, v.Out, m.Settings)
		if err != nil {
			return nil, In{}, err
		}
		if err = LoadWeights(net, m, names, get); err == nil {
			return net, v.In, nil
		}
		faults = append(faults, err)
	}
	if len(faults) == 0 {
		return nil, In{}, fmt.Errorf("no public weights are known of %s; there are of %s", variant, strings.Join(WithWeights(), ", "))
	}
	return nil, In{}, errors.Join(faults...)
}

// unwrapped leaves out the name under which a program saved all weights beside
// other things.
func unwrapped(names []string, get func(name string) (tensor.Tensor, error)) ([]string, func(name string) (tensor.Tensor, error)) {
	for _, w := range wrappers {
		prefix := w + "."
		if len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return !strings.HasPrefix(n, prefix) }) {
			continue
		}
		bare := make([]string, len(names))
		for i, n := range names {
			bare[i] = strings.TrimPrefix(n, prefix)
		}
		return bare, func(name string) (tensor.Tensor, error) { return get(prefix + name) }
	}
	return names, get
}
