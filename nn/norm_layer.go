package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// LayerNorm brings the last axis at each place to mean 0 and variance 1, then
// scales and shifts it: Ba, Kiros and Hinton, "Layer Normalization", 2016.
type LayerNorm struct {
	Scale *Param // [D]
	Bias  *Param // [D], nil for none
	Eps   float64
}

// NewLayerNorm starts with scale 1, bias 0 and epsilon 1e-5.
func NewLayerNorm(width int) *LayerNorm {
	s, none := tensor.Dims(width), rng.Stream{}
	return &LayerNorm{Scale: noDecay(Ones(none, s)), Bias: noDecay(Zeros(none, s)), Eps: normEps}
}

// normEps is what is added to variances, as is usual.
const normEps = 1e-5

// Forward implements Layer: [N … D] → [N … D].
func (l *LayerNorm) Forward(c *Ctx, x *graph.Node) *graph.Node {
	scale, bias := c.Param(l.Scale), c.optional(l.Bias)
	if bias == nil {
		bias = ops.Like(scale, 0)
	}
	y, _, _ := ops.Normalize(x, scale, bias, ops.NormDims{Axes: ops.List(-1), Eps: l.Eps})
	return y
}

func init() {
	Register(Spec{
		Name: "layer-norm",
		Doc:  "the last axis to mean 0 and variance 1, then scaled and shifted",
		Cite: "Ba, Kiros and Hinton, 2016",
		New:  func(rng.Stream) Layer { return NewLayerNorm(6) },
		In:   tensor.F32(2, 3, 6),
		Out:  tensor.F32(2, 3, 6),
	})
}
