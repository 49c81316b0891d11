package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// CrossEntropy is the mean over the batch of -log of the label's probability
// under the softmax of logits [N K], labels int32 [N]; a scalar, in nats. With
// smoothing s the target is 1-s+s/K for the label and s/K for the others:
// Szegedy et al., "Rethinking the Inception Architecture", CVPR 2016, section 7.
func CrossEntropy(logits, labels *graph.Node, smoothing float64) *graph.Node {
	return ops.Mean(ops.CrossEntropy(logits, labels, smoothing), 0)
}

func init() {
	RegisterLoss(LossSpec{
		Name: "cross-entropy", Doc: "-log of the label's probability under the softmax of logits, smoothed",
		Cite:  "Szegedy et al., 2016, section 7",
		Build: func(a []*graph.Node) *graph.Node { return CrossEntropy(a[0], a[1], 0.1) },
		Args: []LossArg{
			{Type: tensor.F32(4, 3), Low: -3, High: 3, Extreme: hard},
			{Type: int32s(4), High: 3, Target: true},
		},
	})
}
