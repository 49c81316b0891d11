package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Linear maps the last axis of its input: y = x·W + b.
type Linear struct {
	Weight *Param // [In Out]
	Bias   *Param // [Out], nil for none
}

// NewLinear draws weights with [LeCunNormal], so that y varies about as much as
// x does; the bias is zero.
func NewLinear(r rng.Stream, in, out int) *Linear {
	return &Linear{
		Weight: LeCunNormal(r.Split("weight"), tensor.Dims(in, out)),
		Bias:   noDecay(Zeros(r, tensor.Dims(out))),
	}
}

// Forward implements Layer: [… In] → [… Out].
func (l *Linear) Forward(c *Ctx, x *graph.Node) *graph.Node {
	return ops.Linear(x, c.Param(l.Weight), c.optional(l.Bias))
}

// optional is Param, or nil for nil.
func (c *Ctx) optional(p *Param) *graph.Node {
	if p == nil {
		return nil
	}
	return c.Param(p)
}

func init() {
	Register(Spec{
		Name: "linear",
		Doc:  "x·W + b on the last axis",
		New:  func(r rng.Stream) Layer { return NewLinear(r, 6, 4) },
		In:   tensor.F32(3, 6),
		Out:  tensor.F32(3, 4),
	})
}
