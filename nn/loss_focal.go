package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// Focal is the mean over the batch of [FocalEach]; a scalar.
func Focal(logits, labels *graph.Node, gamma float64) *graph.Node {
	return meanOf(FocalEach(logits, labels, gamma))
}

// FocalEach is, for each example, -(1-p)^gamma·log p, where p is the label's
// probability under the softmax of logits [N K], labels int32 [N], result [N],
// in nats: Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017,
// equation 4. gamma is 0, for cross-entropy, or at least 1.
func FocalEach(logits, labels *graph.Node, gamma float64) *graph.Node {
	each := ops.CrossEntropy(logits, labels, 0) // -log p
	if gamma == 0 {
		return each
	}
	wrong := ops.Neg(ops.Expm1(ops.Neg(each))) // 1 - p
	return ops.Mul(power(wrong, gamma), each)
}

// power is x to the power of e. Whole powers are products, which have slopes at
// 0 too.
func power(x *graph.Node, e float64) *graph.Node {
	whole := int(e)
	if e != float64(whole) || whole < 1 || whole > 16 {
		return ops.Pow(x, ops.Like(x, e))
	}
	y := x
	for range whole - 1 {
		y = ops.Mul(y, x)
	}
	return y
}

func init() {
	RegisterLoss(LossSpec{
		Name: "focal", Doc: "cross-entropy that counts what is known already for less",
		Cite:  "Lin et al., 2017, equation 4",
		Build: func(a []*graph.Node) *graph.Node { return Focal(a[0], a[1], 2) },
		Args: []LossArg{
			{Type: tensor.F32(4, 3), Low: -3, High: 3, Extreme: hard},
			{Type: int32s(4), High: 3, Target: true},
		},
	})
}
