package optim

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// Adam is the optimizer of Kingma and Ba, "Adam: A Method for Stochastic
// Optimization", ICLR 2015, algorithm 1, with weight decay as L2 regularisation:
// it passes through the moments, unlike [AdamW]'s. With t the number of the
// update,
//
//	g ← g + WeightDecay·p
//	m ← Beta1·m + (1-Beta1)·g
//	v ← Beta2·v + (1-Beta2)·g²
//	p ← p - lr·(m/(1-Beta1ᵗ)) / (√(v/(1-Beta2ᵗ)) + Eps)
//
// With AMSGrad, the largest v so far stands in the place of v: Reddi et al., "On
// the Convergence of Adam and Beyond", ICLR 2018. A zero field means the value
// in its comment.
type Adam struct {
	Beta1       float64 // 0.9
	Beta2       float64 // 0.999
	Eps         float64 // 1e-8
	WeightDecay float64 // 0
	AMSGrad     bool    // false
}

// Name implements Optimizer.
func (Adam) Name() string { return "adam" }

// Slots implements Optimizer: m, v, and the largest v.
func (o Adam) Slots(tensor.Type) []string {
	if o.AMSGrad {
		return []string{"mean", "square", "largest"}
	}
	return []string{"mean", "square"}
}

// Update implements Optimizer.
func (o Adam) Update(u Step) (*graph.Node, []*graph.Node) {
	beta1, beta2, eps := or(o.Beta1, 0.9), or(o.Beta2, 0.999), or(o.Eps, 1e-8)
	g := regularised(u, o.WeightDecay)
	m := ops.Add(ops.Scale(u.Slots[0], beta1), ops.Scale(g, 1-beta1))
	v := ops.Add(ops.Scale(u.Slots[1], beta2), ops.Scale(ops.Mul(g, g), 1-beta2))
	slots, level := []*graph.Node{m, v}, v
	if o.AMSGrad {
		level = ops.Max(u.Slots[2], v)
		slots = append(slots, level)
	}
	size := ops.Mul(ops.Sqrt(level), ops.Rsqrt(bias(u.Count, beta2))) // √(v/(1-Beta2ᵗ))
	step := ops.Div(m, ops.Add(size, ops.Like(size, eps)))
	rate := ops.Div(u.LR, bias(u.Count, beta1)) // scalar: lr/(1-Beta1ᵗ)
	return ops.Sub(u.Param, ops.Mul(step, rate)), slots
}

// regularised is the gradient with that of half the squared length of the
// parameter, times decay.
func regularised(u Step, decay float64) *graph.Node {
	if !u.Decay || decay == 0 {
		return u.Grad
	}
	return ops.Add(u.Grad, ops.Scale(u.Param, decay))
}

func (o Adam) check() error {
	if o.Beta1 >= 1 || o.Beta2 >= 1 {
		return fmt.Errorf("beta1 is %v and beta2 %v, want less than 1", o.Beta1, o.Beta2)
	}
	return nil
}

func init() {
	Register(Entry{
		Name: "adam", Doc: "Adam with L2 regularisation",
		Cite:    "Kingma and Ba, 2015; Reddi et al., 2018",
		Default: Adam{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8},
	})
}
