package nn

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// BatchNorm brings each channel to mean 0 and variance 1 over all other axes of
// the batch, then scales and shifts it: Ioffe and Szegedy, "Batch Normalization",
// ICML 2015, algorithms 1 and 2. Inference uses running averages of the means
// and of the unbiased variances that training saw; so does training where they
// are frozen.
type BatchNorm struct {
	Scale, Bias    *Param // [C]
	Mean, Variance *Param // [C], buffers
	Momentum       float64
	Eps            float64
}

// The usual settings of [BatchNorm].
const (
	batchNormMomentum = 0.1 // share of the newest batch in the running averages
	batchNormEps      = 1e-5
)

// NewBatchNorm starts with scale 1, bias 0, running mean 0 and variance 1, and
// the usual settings: momentum 0.1 and epsilon 1e-5.
func NewBatchNorm(channels int) *BatchNorm {
	s, none := tensor.Dims(channels), rng.Stream{}
	return &BatchNorm{
		Scale: noDecay(Ones(none, s)), Bias: noDecay(Zeros(none, s)),
		Mean: buffer(Zeros(none, s)), Variance: buffer(Ones(none, s)),
		Momentum: batchNormMomentum, Eps: batchNormEps,
	}
}

// Forward implements Layer: [N … C] → [N … C].
func (l *BatchNorm) Forward(c *Ctx, x *graph.Node) *graph.Node {
	scale, bias := c.Param(l.Scale), c.Param(l.Bias)
	mean, variance := c.Param(l.Mean), c.Param(l.Variance)
	if c.Fixed(l.Mean) || c.Fixed(l.Variance) {
		return ops.NormalizeWith(x, mean, variance, scale, bias, l.Eps)
	}
	n := float64(x.Shape().Size() / max(x.Shape().Dim(-1), 1))
	if n < 2 {
		c.Graph.Fail("batch-norm", fmt.Errorf("%v has one value per channel, whose variance is not defined", x.Type()))
		return x
	}
	axes := make([]int, x.Shape().Rank()-1)
	for i := range axes {
		axes[i] = i
	}
	y, batchMean, batchVariance := ops.Normalize(x, scale, bias, ops.NormDims{Axes: ops.List(axes...), Eps: l.Eps})
	c.Update(l.Mean, mix(mean, batchMean, l.Momentum))
	c.Update(l.Variance, mix(variance, ops.Scale(batchVariance, n/(n-1)), l.Momentum))
	return y
}

// mix is (1-share)·old + share·new.
func mix(old, new *graph.Node, share float64) *graph.Node {
	return ops.Add(ops.Scale(old, 1-share), ops.Scale(new, share))
}

func init() {
	Register(Spec{
		Name:  "batch-norm",
		Doc:   "each channel to mean 0 and variance 1 over the batch, then scaled and shifted",
		Cite:  "Ioffe and Szegedy, 2015",
		New:   func(rng.Stream) Layer { return NewBatchNorm(3) },
		In:    tensor.F32(4, 2, 2, 3),
		Out:   tensor.F32(4, 2, 2, 3),
		Mixes: true,
		Modes: true,
	})
}
