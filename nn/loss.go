package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

// CrossEntropy is the mean over the batch of -log of the label's probability
// under the softmax of logits [N K], labels int32 [N]; a scalar, in nats. With
// smoothing s the target is 1-s+s/K for the label and s/K for the others:
// Szegedy et al., "Rethinking the Inception Architecture", CVPR 2016, section 7.
func CrossEntropy(logits, labels *graph.Node, smoothing float64) *graph.Node {
	return ops.Mean(ops.CrossEntropy(logits, labels, smoothing), 0)
}

// MSE is the mean over all elements of (y - target)²; a scalar.
func MSE(y, target *graph.Node) *graph.Node {
	d := ops.Sub(y, target)
	axes := make([]int, y.Shape().Rank())
	for i := range axes {
		axes[i] = i
	}
	return ops.Mean(ops.Mul(d, d), axes...)
}
