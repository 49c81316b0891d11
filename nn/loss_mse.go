package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// MSE is the mean over all elements of (y - target)²; a scalar.
func MSE(y, target *graph.Node) *graph.Node {
	d := ops.Sub(y, target)
	return meanOf(ops.Mul(d, d))
}

// distances is the arguments of losses of values, for their specs.
func distances() []LossArg {
	return []LossArg{
		{Type: tensor.F32(4, 3), Low: -3, High: 3, Extreme: hard},
		{Type: tensor.F32(4, 3), Low: -3, High: 3, Target: true},
	}
}

func init() {
	RegisterLoss(LossSpec{
		Name: "mse", Doc: "the square of the distance",
		Build: func(a []*graph.Node) *graph.Node { return MSE(a[0], a[1]) },
		Args:  distances(),
	})
}
