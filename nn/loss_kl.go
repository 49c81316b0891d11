package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// KL is the divergence Σ p·(log p - log q) of log-probabilities logq from
// probabilities p, both [N … K], as the mean over the N examples; a scalar, in
// nats: Kullback and Leibler, "On Information and Sufficiency", Annals of
// Mathematical Statistics, 1951. Where p is 0, nothing is added.
func KL(logq, p *graph.Node) *graph.Node {
	each := ops.Mul(p, ops.Sub(logOf(p), logq))
	return ops.Scale(ops.ReduceSum(each, everyAxis(p.Shape().Rank())...), 1/float64(max(p.Shape().Dim(0), 1)))
}

func init() {
	RegisterLoss(LossSpec{
		Name: "kl", Doc: "Kullback-Leibler divergence of log-probabilities from probabilities",
		Cite:  "Kullback and Leibler, 1951",
		Build: func(a []*graph.Node) *graph.Node { return KL(a[0], a[1]) },
		Args: []LossArg{
			{Type: tensor.F32(4, 3), Low: -3, High: 0, Extreme: hard},
			{Type: tensor.F32(4, 3), Low: 0.01, High: 1, Extreme: []float64{0}},
		},
	})
}
