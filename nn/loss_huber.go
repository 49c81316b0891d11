package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

// Huber is the mean over all elements of d²/2 for a distance d up to delta, and
// of delta·(d - delta/2) beyond; a scalar: Huber, "Robust Estimation of a
// Location Parameter", Annals of Mathematical Statistics, 1964.
func Huber(y, target *graph.Node, delta float64) *graph.Node {
	d := ops.Abs(ops.Sub(y, target))
	near := ops.Min(d, ops.Like(d, delta))
	// near²/2 + delta·(d-near) is both branches in one, without a square of what is far.
	return meanOf(ops.Add(ops.Scale(ops.Mul(near, near), 0.5), ops.Scale(ops.Sub(d, near), delta)))
}

// SmoothL1 is Huber over beta, which goes to L1 as beta goes to 0: Girshick,
// "Fast R-CNN", ICCV 2015, equation 3, with beta 1.
func SmoothL1(y, target *graph.Node, beta float64) *graph.Node {
	return ops.Scale(Huber(y, target, beta), 1/beta)
}

func init() {
	RegisterLoss(LossSpec{
		Name: "huber", Doc: "half the square of small distances, and large ones as they are",
		Cite:  "Huber, 1964",
		Build: func(a []*graph.Node) *graph.Node { return Huber(a[0], a[1], 1) },
		Args:  distances(), Kinks: true,
	})
	RegisterLoss(LossSpec{
		Name: "smooth-l1", Doc: "the distance, rounded off near 0",
		Cite:  "Girshick, 2015, equation 3",
		Build: func(a []*graph.Node) *graph.Node { return SmoothL1(a[0], a[1], 0.5) },
		Args:  distances(), Kinks: true,
	})
}
