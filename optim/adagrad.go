package optim

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// Adagrad divides the gradient by the root of the sum of all its squares: Duchi
// et al., "Adaptive Subgradient Methods for Online Learning and Stochastic
// Optimization", JMLR 2011. With t the number of the update,
//
//	g ← g + WeightDecay·p
//	v ← v + g²
//	p ← p - lr/(1+(t-1)·Slowing)·g / (√v + Eps)
//
// A zero field means the value in its comment.
type Adagrad struct {
	Eps         float64 // 1e-10
	Slowing     float64 // 0
	WeightDecay float64 // 0
}

// Name implements Optimizer.
func (Adagrad) Name() string { return "adagrad" }

// Slots implements Optimizer: v.
func (Adagrad) Slots(tensor.Type) []string { return []string{"sum"} }

// Update implements Optimizer.
func (o Adagrad) Update(u Step) (*graph.Node, []*graph.Node) {
	g, rate := regularised(u, o.WeightDecay), u.LR
	if o.Slowing != 0 {
		before := ops.Sub(u.Count, ops.Like(u.Count, 1))
		rate = ops.Div(rate, ops.Add(ops.Scale(before, o.Slowing), ops.Like(before, 1)))
	}
	v := ops.Add(u.Slots[0], ops.Mul(g, g))
	size := ops.Sqrt(v)
	d := ops.Div(g, ops.Add(size, ops.Like(size, or(o.Eps, 1e-10))))
	return ops.Sub(u.Param, ops.Mul(rate, d)), []*graph.Node{v}
}

func init() {
	Register(Entry{
		Name: "adagrad", Doc: "the gradient over the root of the sum of its squares",
		Cite: "Duchi et al., 2011", Default: Adagrad{Eps: 1e-10},
	})
}
