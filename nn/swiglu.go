package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// SwiGLU is a network for each place whose hidden features have gates:
// down(silu(gate(x))·up(x)). Shazeer, "GLU Variants Improve Transformer", 2020,
// equation 6.
type SwiGLU struct {
	Gate, Up *Linear // [C H]
	Down     *Linear // [H C]
}

// NewSwiGLU draws the maps with [LeCunNormal], without biases.
func NewSwiGLU(r rng.Stream, width, hidden int) *SwiGLU {
	linear := func(name string, in, out int) *Linear {
		return &Linear{Weight: LeCunNormal(r.Split(name), tensor.Dims(in, out))}
	}
	return &SwiGLU{Gate: linear("gate", width, hidden), Up: linear("up", width, hidden), Down: linear("down", hidden, width)}
}

// Forward implements Layer: [N … C] → [N … C].
func (l *SwiGLU) Forward(c *Ctx, x *graph.Node) *graph.Node {
	gate := ops.SiLU(c.In("gate", l.Gate, x)) // [N … H]
	return c.In("down", l.Down, ops.Mul(gate, c.In("up", l.Up, x)))
}

func init() {
	Register(Spec{
		Name: "swiglu",
		Doc:  "a network for each place whose hidden features have gates",
		Cite: "Shazeer, 2020",
		New:  func(r rng.Stream) Layer { return NewSwiGLU(r, 4, 6) },
		In:   tensor.F32(2, 3, 4),
		Out:  tensor.F32(2, 3, 4),
	})
}
