// Package nn holds layers: parameters, and the graph that uses them. A model is
// a plain Go struct whose fields are its parts; Params finds its parameters, and
// Forward, called with a Ctx, builds its graph. Package nn computes nothing
// itself and knows neither data nor training.
package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/internal/registry"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Layer turns a node into a node. Its exported fields of type *Param, and those
// of the layers it holds, are its parameters; nothing needs to list them.
// Forward calls the layers it holds through [Ctx.In], so that what they compute
// can be found by name.
type Layer interface {
	Forward(c *Ctx, x *graph.Node) *graph.Node
}

// Spec is what a layer's file registers: one small example of the layer, for
// the tests that every layer gets and for the tables of the docs.
type Spec struct {
	Name    string
	Doc     string // what it computes, in one line
	Cite    string // the paper, empty for common property
	New     func(rng.Stream) Layer
	In, Out tensor.Type // of a batch: the first axis is the examples
	Mixes   bool        // in training, an example's output depends on the others of its batch
	Modes   bool        // training and inference compute different things
}

var specs = registry.New[Spec]("layer")

// Register makes a layer known. Call it from init.
func Register(s Spec) { specs.Set(s.Name, s) }

// Layers lists the names of the registered layers.
func Layers() []string { return specs.Names() }

// Lookup finds a registered layer; the error lists what there is.
func Lookup(name string) (Spec, error) { return specs.Get(name) }
