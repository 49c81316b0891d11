package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// Hinge is the mean over all elements of max(0, 1 - sign·y), for answers y and
// signs 1 and -1; a scalar: Cortes and Vapnik, "Support-Vector Networks",
// Machine Learning, 1995.
func Hinge(y, sign *graph.Node) *graph.Node { return meanOf(above(minus(1, ops.Mul(y, sign)))) }

// MultiMargin is the mean over the batch of Σ max(0, margin - y_label + y_k)/K
// over the classes k that are not the label: y [N K], labels int32 [N]; a
// scalar: Crammer and Singer, "On the Algorithmic Implementation of Multiclass
// Kernel-based Vector Machines", JMLR 2001, with the sum for the maximum.
func MultiMargin(y, labels *graph.Node, margin float64) *graph.Node {
	s := y.Shape() // [N K]
	right := ops.BroadcastInDim(picked(y, labels), s, 0)
	short := above(plus(ops.Sub(y, right), margin)) // [N K]; at the label it is the margin
	n, k := float64(max(s.Dim(0), 1)), float64(max(s.Dim(1), 1))
	return plus(ops.Scale(ops.ReduceSum(short, 0, 1), 1/(n*k)), -max(margin, 0)/k)
}

func init() {
	RegisterLoss(LossSpec{
		Name: "hinge", Doc: "how far an answer is from a margin of 1",
		Cite:  "Cortes and Vapnik, 1995",
		Build: func(a []*graph.Node) *graph.Node { return Hinge(a[0], a[1]) },
		Args: []LossArg{
			{Type: tensor.F32(4, 3), Low: -3, High: 3, Extreme: hard},
			{Type: tensor.F32(4, 3), Among: []float64{-1, 1}, Target: true},
		},
		Kinks: true,
	})
	RegisterLoss(LossSpec{
		Name: "multi-margin", Doc: "by how much the label's answer is not above the others'",
		Cite:  "Crammer and Singer, 2001",
		Build: func(a []*graph.Node) *graph.Node { return MultiMargin(a[0], a[1], 1) },
		Args: []LossArg{
			{Type: tensor.F32(4, 3), Low: -3, High: 3, Extreme: hard},
			{Type: int32s(4), High: 3, Target: true},
		},
		Kinks: true,
	})
}
