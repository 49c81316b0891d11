package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// Triplet is the mean over the batch of max(0, |a-p| - |a-n| + margin) for
// anchors a, positives p and negatives n, all [N D]; a scalar: Schroff et al.,
// "FaceNet", CVPR 2015, section 3.1, with lengths for their squares. 1e-6 is
// added to each difference, so that the length of none is 0.
func Triplet(anchor, positive, negative *graph.Node, margin float64) *graph.Node {
	near, far := length(ops.Sub(anchor, positive)), length(ops.Sub(anchor, negative))
	return meanOf(above(plus(ops.Sub(near, far), margin)))
}

// length is that of each row, of which 1e-6 is added to each element: [N D] → [N].
func length(d *graph.Node) *graph.Node {
	d = plus(d, 1e-6)
	return ops.Sqrt(ops.ReduceSum(ops.Mul(d, d), 1))
}

// TripletBatchHard makes the triplets itself: x [N D], labels int32 [N]; a
// scalar. The anchor is each example in turn, its positive the farthest example
// of its label and its negative the nearest of any other: Hermans et al., "In
// Defense of the Triplet Loss for Person Re-Identification", 2017, equation 5.
// An anchor alone in its label is its own positive, and one without a negative
// counts 0.
func TripletBatchHard(x, labels *graph.Node, margin float64) *graph.Node {
	const far = 1e9
	n := x.Shape().Dim(0)
	d := pairs(x) // [N N]
	s := d.Shape()
	same := ops.Eq(ops.BroadcastInDim(labels, s, 0), ops.BroadcastInDim(labels, s, 1))
	positive := ops.ReduceMax(ops.Select(same, d, ops.Like(d, 0)), 1)
	negative := ops.ReduceMin(ops.Select(same, ops.Like(d, far), d), 1)
	return ops.Scale(ops.ReduceSum(above(plus(ops.Sub(positive, negative), margin)), 0), 1/float64(max(n, 1)))
}

// pairs is the distance of every row from every other: [N D] → [N N].
func pairs(x *graph.Node) *graph.Node {
	n, d := x.Shape().Dim(0), x.Shape().Dim(1)
	cube := tensor.Dims(n, n, d)
	diff := ops.Sub(ops.BroadcastInDim(x, cube, 0, 2), ops.BroadcastInDim(x, cube, 1, 2)) // [N N D]
	return ops.Sqrt(plus(ops.ReduceSum(ops.Mul(diff, diff), 2), leastSquare))
}

func init() {
	rows := LossArg{Type: tensor.F32(4, 3), Low: -1, High: 1, Extreme: hard}
	RegisterLoss(LossSpec{
		Name: "triplet", Doc: "anchors nearer to positives than to negatives, by a margin",
		Cite:  "Schroff et al., 2015",
		Build: func(a []*graph.Node) *graph.Node { return Triplet(a[0], a[1], a[2], 1) },
		Args:  []LossArg{rows, rows, rows}, Kinks: true,
	})
	RegisterLoss(LossSpec{
		Name: "triplet-batch-hard", Doc: "each example nearer to the farthest of its label than to the nearest other",
		Cite:  "Hermans et al., 2017, equation 5",
		Build: func(a []*graph.Node) *graph.Node { return TripletBatchHard(a[0], a[1], 1) },
		Args:  []LossArg{{Type: tensor.F32(6, 3), Low: -1, High: 1, Extreme: hard}, {Type: int32s(6), High: 2, Target: true}},
		Kinks: true,
	})
}
