// Package optim holds optimizers, as graphs that turn a parameter and its
// gradient into the next value, and schedules of the learning rate. It keeps no
// state: what an optimizer remembers of a parameter are its slots, which the
// caller stores beside the parameter.
package optim

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/internal/registry"
	"github.com/ihae/ihae/tensor"
)

// Optimizer is the settings of a rule of update. It is a plain struct, so that
// a run can print and store it.
type Optimizer interface {
	Name() string
	// Slots names what is remembered of a parameter of type t. A slot has the
	// parameter's type and begins with zeros.
	Slots(t tensor.Type) []string
	// Update adds the graph of one update: the next value of the parameter and
	// of its slots, in the order of Slots.
	Update(u Step) (param *graph.Node, slots []*graph.Node)
}

// Step is what one update of one parameter works on.
type Step struct {
	Param, Grad *graph.Node
	Slots       []*graph.Node
	LR          *graph.Node // float32 scalar: the learning rate of this update
	Count       *graph.Node // float32 scalar: the number of this update, from 1
	Decay       bool        // weight decay applies to this parameter
}

// Entry is what an optimizer's file registers: its exported fields are its
// settings, their values here the defaults.
type Entry struct {
	Name    string
	Doc     string
	Cite    string
	Default Optimizer
}

var optimizers = registry.New[Entry]("optimizer")

// Register makes an optimizer known. Call it from init.
func Register(e Entry) { optimizers.Set(e.Name, e) }

// Optimizers lists the registered optimizers.
func Optimizers() []string { return optimizers.Names() }

// Lookup finds an optimizer by name; the error lists what there is.
func Lookup(name string) (Entry, error) { return optimizers.Get(name) }

// New is the optimizer of that name with some settings changed; see [Settings]
// for the names. The error lists the settings there are.
func New(name string, set map[string]any) (Optimizer, error) {
	e, err := optimizers.Get(name)
	if err != nil {
		return nil, err
	}
	o, err := changed("optimizer "+name, e.Default, set)
	if err != nil {
		return nil, err
	}
	if c, ok := o.(interface{ check() error }); ok {
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("optimizer %s: %w", name, err)
		}
	}
	return o, nil
}
