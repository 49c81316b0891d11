package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// leastProbability keeps logarithms of probabilities in float32 finite: they are
// not below -87.5.
const leastProbability = 1e-38

// BCE is the mean over all elements of the binary cross-entropy of probabilities
// p against targets in [0, 1], in nats; a scalar. No logarithm is below -87.5.
// [BCEWithLogits] is exact where p is near 0 or 1.
func BCE(p, target *graph.Node) *graph.Node {
	yes := ops.Mul(target, logOf(p))
	no := ops.Mul(minus(1, target), logOf(minus(1, p)))
	return ops.Neg(meanOf(ops.Add(yes, no)))
}

func logOf(p *graph.Node) *graph.Node {
	return ops.Log(ops.Max(p, ops.Like(p, leastProbability)))
}

// BCEWithLogits is the mean over all elements of the binary cross-entropy of the
// logistic function of z against targets in [0, 1], in nats; a scalar. weights,
// if any, has what a positive answer counts, for each place of the last axis or
// one for all.
func BCEWithLogits(z, target *graph.Node, weights []float64) *graph.Node {
	yes := ops.Mul(target, ops.Softplus(ops.Neg(z)))
	if len(weights) == 1 {
		yes = ops.Scale(yes, weights[0])
	} else if len(weights) > 0 {
		yes = ops.Mul(yes, row(z.Graph(), weights))
	}
	return meanOf(ops.Add(yes, ops.Mul(minus(1, target), ops.Softplus(z))))
}

// row is a constant of float32 [K].
func row(g *graph.Graph, values []float64) *graph.Node {
	t := tensor.New(tensor.F32(len(values)))
	for i, v := range values {
		t.Floats()[i] = float32(v)
	}
	return g.Constant(t)
}

func init() {
	target := LossArg{Type: tensor.F32(4, 3), Low: 0, High: 1, Target: true}
	RegisterLoss(LossSpec{
		Name: "bce", Doc: "binary cross-entropy of probabilities",
		Build: func(a []*graph.Node) *graph.Node { return BCE(a[0], a[1]) },
		Args:  []LossArg{{Type: tensor.F32(4, 3), Low: 0.01, High: 0.99, Extreme: []float64{0, 1}}, target},
	})
	RegisterLoss(LossSpec{
		Name: "bce-with-logits", Doc: "binary cross-entropy of the logistic function of logits",
		Build: func(a []*graph.Node) *graph.Node { return BCEWithLogits(a[0], a[1], []float64{2, 1, 0.5}) },
		Args:  []LossArg{{Type: tensor.F32(4, 3), Low: -3, High: 3, Extreme: hard}, target},
	})
}
