package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

// L1 is the mean over all elements of |y - target|; a scalar.
func L1(y, target *graph.Node) *graph.Node { return meanOf(ops.Abs(ops.Sub(y, target))) }

func init() {
	RegisterLoss(LossSpec{
		Name: "l1", Doc: "the distance",
		Build: func(a []*graph.Node) *graph.Node { return L1(a[0], a[1]) },
		Args:  distances(), Kinks: true,
	})
}
