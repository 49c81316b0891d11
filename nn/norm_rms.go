package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// RMSNorm divides the last axis at each place by the root of its mean square, then
// scales it: Zhang and Sennrich, "Root Mean Square Layer Normalization", NeurIPS
// 2019, equation 4.
type RMSNorm struct {
	Scale *Param // [D]
	Eps   float64
}

// NewRMSNorm starts with scale 1 and epsilon 1e-5.
func NewRMSNorm(width int) *RMSNorm {
	return &RMSNorm{Scale: noDecay(Ones(rng.Stream{}, tensor.Dims(width))), Eps: normEps}
}

// Forward implements Layer: [N … D] → [N … D].
func (l *RMSNorm) Forward(c *Ctx, x *graph.Node) *graph.Node {
	return ops.RMSNormalize(x, c.Param(l.Scale), l.Eps)
}

func init() {
	Register(Spec{
		Name: "rms-norm",
		Doc:  "the last axis divided by the root of its mean square, then scaled",
		Cite: "Zhang and Sennrich, 2019",
		New:  func(rng.Stream) Layer { return NewRMSNorm(6) },
		In:   tensor.F32(2, 3, 6),
		Out:  tensor.F32(2, 3, 6),
	})
}
