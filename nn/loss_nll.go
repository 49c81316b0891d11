package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// NLL is the mean over the batch of minus the label's log-probability: logp
// [N K], labels int32 [N]; a scalar, in nats.
func NLL(logp, labels *graph.Node) *graph.Node { return ops.Neg(meanOf(picked(logp, labels))) }

// picked is the element of each row that its label names: x [N K], labels int32
// [N], result [N].
func picked(x, labels *graph.Node) *graph.Node {
	n := labels.Shape().Dim(0)
	ids := ops.Reshape(labels, tensor.Dims(n, 1))
	return ops.Reshape(ops.TakeAlongAxis(x, ids, 1), tensor.Dims(n))
}

func init() {
	RegisterLoss(LossSpec{
		Name: "nll", Doc: "minus the label's log-probability",
		Build: func(a []*graph.Node) *graph.Node { return NLL(a[0], a[1]) },
		Args: []LossArg{
			{Type: tensor.F32(4, 3), Low: -3, High: 0, Extreme: hard},
			{Type: int32s(4), High: 3, Target: true},
		},
	})
}
