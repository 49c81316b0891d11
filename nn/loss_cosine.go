package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// leastSquare is added to squared lengths that are divided by.
const leastSquare = 1e-12

// CosineEmbedding is the mean over the batch of 1 - cos(a, b) for pairs with
// sign 1, and of max(0, cos(a, b) - margin) for pairs with sign -1: a, b [N D],
// sign [N]; a scalar. Squared lengths are not below 1e-12.
func CosineEmbedding(a, b, sign *graph.Node, margin float64) *graph.Node {
	square := func(x *graph.Node) *graph.Node { return plus(ops.ReduceSum(ops.Mul(x, x), 1), leastSquare) }
	cos := ops.Div(ops.ReduceSum(ops.Mul(a, b), 1), ops.Sqrt(ops.Mul(square(a), square(b)))) // [N]
	apart := ops.Gt(sign, ops.Like(sign, 0))
	return meanOf(ops.Select(apart, minus(1, cos), above(plus(cos, -margin))))
}

// unit is each row over its length: [N D] → [N D].
func unit(x *graph.Node) *graph.Node {
	square := ops.ReduceSum(ops.Mul(x, x), 1) // [N]
	return ops.Mul(x, ops.BroadcastInDim(ops.Rsqrt(plus(square, leastSquare)), x.Shape(), 0))
}

func init() {
	RegisterLoss(LossSpec{
		Name: "cosine-embedding", Doc: "pairs together or apart by the cosine between them",
		Build: func(a []*graph.Node) *graph.Node { return CosineEmbedding(a[0], a[1], a[2], 0.2) },
		Args: []LossArg{
			{Type: tensor.F32(4, 3), Low: -1, High: 1, Extreme: []float64{0, 100}},
			{Type: tensor.F32(4, 3), Low: -1, High: 1, Extreme: []float64{0, 100}},
			{Type: tensor.F32(4), Among: []float64{-1, 1}, Target: true},
		},
		Kinks: true,
	})
}
