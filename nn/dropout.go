package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Dropout puts zero in place of each element with probability Rate and divides
// the others by 1-Rate, in training only: Srivastava et al., "Dropout: A Simple
// Way to Prevent Neural Networks from Overfitting", JMLR 2014, in the form that
// leaves inference alone (section 10).
type Dropout struct {
	Rate float64 // 0: nothing is dropped; below 1
}

// Forward implements Layer: [N …] → [N …].
func (l Dropout) Forward(c *Ctx, x *graph.Node) *graph.Node {
	if !c.Train || l.Rate == 0 {
		return x
	}
	u := ops.RandomUniform(c.Key(), c.StreamID("dropout"), x.Type()) // from [0, 1)
	keep := ops.Ge(u, ops.Like(u, l.Rate))
	return ops.Select(keep, ops.Scale(x, 1/(1-l.Rate)), ops.Like(x, 0))
}

func init() {
	Register(Spec{
		Name:  "dropout",
		Doc:   "zeros in random places, in training",
		Cite:  "Srivastava et al., 2014",
		New:   func(rng.Stream) Layer { return Dropout{Rate: 0.4} },
		In:    tensor.F32(4, 5),
		Out:   tensor.F32(4, 5),
		Modes: true,
	})
}
