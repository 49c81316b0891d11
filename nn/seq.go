package nn

import (
	"strconv"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Seq applies layers one after the other.
type Seq []Layer

// Forward implements Layer.
func (s Seq) Forward(c *Ctx, x *graph.Node) *graph.Node {
	for i, l := range s {
		x = c.In(strconv.Itoa(i), l, x)
	}
	return x
}

// Func is a layer without parameters.
type Func func(*graph.Node) *graph.Node

// Forward implements Layer.
func (f Func) Forward(_ *Ctx, x *graph.Node) *graph.Node { return f(x) }

func init() {
	Register(Spec{
		Name: "seq",
		Doc:  "layers one after the other",
		New: func(r rng.Stream) Layer {
			return Seq{Flatten{}, NewLinear(r.Split("1"), 6, 5), NewLinear(r.Split("2"), 5, 2)}
		},
		In:  tensor.F32(4, 2, 3),
		Out: tensor.F32(4, 2),
	})
}
