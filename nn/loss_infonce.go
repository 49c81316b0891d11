package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// InfoNCE asks that row n of a [N D] is nearer to row n of b [N D] than to any
// other row of b, and the other way round: the mean cross-entropy, over both
// directions, of the cosines over the temperature. A scalar, in nats: van den
// Oord et al., "Representation Learning with Contrastive Predictive Coding",
// 2018, in the form of Radford et al., "Learning Transferable Visual Models From
// Natural Language Supervision", ICML 2021, figure 3.
func InfoNCE(a, b *graph.Node, temperature float64) *graph.Node {
	near := ops.Scale(ops.MatMul(unit(a), ops.Transpose(unit(b), 1, 0)), 1/temperature) // [N N]
	n := near.Shape().Dim(0)
	labels := ops.Iota(a.Graph(), int32s(n), 0)
	both := ops.Add(CrossEntropy(near, labels, 0), CrossEntropy(ops.Transpose(near, 1, 0), labels, 0))
	return ops.Scale(both, 0.5)
}

// NTXent asks that two views of an example, row n of a [N D] and of b [N D], are
// nearer to one another than to all other rows of both: the mean cross-entropy
// over the 2N rows. A scalar, in nats: Chen et al., "A Simple Framework for
// Contrastive Learning of Visual Representations", ICML 2020, equation 1.
func NTXent(a, b *graph.Node, temperature float64) *graph.Node {
	g, n := a.Graph(), a.Shape().Dim(0)
	all := unit(ops.Concatenate(0, a, b))                                                   // [2N D]
	near := ops.Scale(ops.MatMul(all, ops.Transpose(all, 1, 0)), 1/temperature)             // [2N 2N]
	near = ops.Select(ops.Eq(axis(g, 2*n, 0), axis(g, 2*n, 1)), ops.Like(near, -1e9), near) // not to itself
	half := ops.Iota(g, int32s(n), 0)
	labels := ops.Concatenate(0, ops.Add(half, ops.Like(half, float64(n))), half) // [2N]
	return CrossEntropy(near, labels, 0)
}

// axis is the number of the row, or of the column, of each place of [n n].
func axis(g *graph.Graph, n, which int) *graph.Node { return ops.Iota(g, int32s(n, n), which) }

func init() {
	views := []LossArg{
		{Type: tensor.F32(4, 3), Low: -1, High: 1, Extreme: []float64{0, 100}},
		{Type: tensor.F32(4, 3), Low: -1, High: 1, Extreme: []float64{0, 100}},
	}
	RegisterLoss(LossSpec{
		Name: "info-nce", Doc: "pairs nearer than all other pairings, both ways",
		Cite:  "van den Oord et al., 2018; Radford et al., 2021, figure 3",
		Build: func(a []*graph.Node) *graph.Node { return InfoNCE(a[0], a[1], 0.5) },
		Args:  views,
	})
	RegisterLoss(LossSpec{
		Name: "nt-xent", Doc: "two views nearer than all other rows of both",
		Cite:  "Chen et al., 2020, equation 1",
		Build: func(a []*graph.Node) *graph.Node { return NTXent(a[0], a[1], 0.5) },
		Args:  views,
	})
}
