package optim

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// AdamW is Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization",
// ICLR 2015) with weight decay that does not pass through the moments:
// Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019,
// algorithm 2. With t the number of the update,
//
//	m ← Beta1·m + (1-Beta1)·g
//	v ← Beta2·v + (1-Beta2)·g²
//	p ← p - lr·WeightDecay·p - lr·(m/(1-Beta1ᵗ)) / (√(v/(1-Beta2ᵗ)) + Eps)
//
// A zero field means the value in its comment.
type AdamW struct {
	Beta1       float64 // 0.9
	Beta2       float64 // 0.999
	Eps         float64 // 1e-8
	WeightDecay float64 // 0
}

// Name implements Optimizer.
func (AdamW) Name() string { return "adamw" }

// Slots implements Optimizer: m and v.
func (AdamW) Slots(tensor.Type) []string { return []string{"mean", "square"} }

// Update implements Optimizer.
func (o AdamW) Update(u Step) (*graph.Node, []*graph.Node) {
	d := ops.AdamDims{Beta1: or(o.Beta1, 0.9), Beta2: or(o.Beta2, 0.999), Eps: or(o.Eps, 1e-8)}
	if u.Decay {
		d.Decay = o.WeightDecay
	}
	p, m, v := ops.Adam(u.Grad, u.Param, u.Slots[0], u.Slots[1], u.LR, u.Count, d)
	return p, []*graph.Node{m, v}
}

func (o AdamW) check() error {
	if o.Beta1 >= 1 || o.Beta2 >= 1 {
		return fmt.Errorf("beta1 is %v and beta2 %v, want less than 1", o.Beta1, o.Beta2)
	}
	return nil
}

func init() {
	Register(Entry{
		Name: "adamw", Doc: "Adam with decoupled weight decay",
		Cite:    "Kingma and Ba, 2015; Loshchilov and Hutter, 2019",
		Default: AdamW{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, WeightDecay: 0.01},
	})
}
