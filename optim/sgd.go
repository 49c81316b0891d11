package optim

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// SGD is stochastic gradient descent with momentum, in the form
//
//	g ← g + WeightDecay·p      (L2 regularisation: what papers' figures mean)
//	v ← Momentum·v + g
//	p ← p - lr·v               or, with Nesterov, p - lr·(g + Momentum·v)
//
// of Sutskever et al., "On the Importance of Initialization and Momentum in Deep
// Learning", ICML 2013, with the learning rate outside of v, so that a change of
// the rate acts at once. The zero SGD is plain gradient descent.
type SGD struct {
	Momentum    float64
	Nesterov    bool
	WeightDecay float64
}

// Name implements Optimizer.
func (SGD) Name() string { return "sgd" }

// Slots implements Optimizer: v, if there is momentum.
func (o SGD) Slots(tensor.Type) []string {
	if o.Momentum == 0 {
		return nil
	}
	return []string{"momentum"}
}

// Update implements Optimizer.
func (o SGD) Update(u Step) (*graph.Node, []*graph.Node) {
	g := u.Grad
	if u.Decay && o.WeightDecay != 0 {
		g = ops.Add(g, ops.Scale(u.Param, o.WeightDecay))
	}
	if o.Momentum == 0 {
		return ops.Sub(u.Param, ops.Mul(u.LR, g)), nil
	}
	v := ops.Add(ops.Scale(u.Slots[0], o.Momentum), g)
	step := v
	if o.Nesterov {
		step = ops.Add(g, ops.Scale(v, o.Momentum))
	}
	return ops.Sub(u.Param, ops.Mul(u.LR, step)), []*graph.Node{v}
}

func (o SGD) check() error {
	if o.Momentum >= 1 {
		return fmt.Errorf("momentum is %v, want less than 1", o.Momentum)
	}
	return nil
}

func init() {
	Register(Entry{
		Name: "sgd", Doc: "stochastic gradient descent with momentum and L2 regularisation",
		Cite: "Sutskever et al., 2013", Default: SGD{Momentum: 0.9},
	})
}
