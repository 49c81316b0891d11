package optim

import (
	"fmt"
	"math"

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
	d := ops.AdamDims{Beta1: or(o.Beta1, 0.9), Beta2: or(o.Beta2, 0.999), Eps: or(o.Eps, 1e-8)}
	g := regularised(u, o.WeightDecay)
	if !o.AMSGrad {
		p, m, v := ops.Adam(g, u.Param, u.Slots[0], u.Slots[1], u.LR, u.Count, d)
		return p, []*graph.Node{m, v}
	}
	m := ops.Add(ops.Scale(u.Slots[0], d.Beta1), ops.Scale(g, 1-d.Beta1))
	v := ops.Add(ops.Scale(u.Slots[1], d.Beta2), ops.Scale(ops.Mul(g, g), 1-d.Beta2))
	largest := ops.Max(u.Slots[2], v)
	size := ops.Mul(ops.Sqrt(largest), ops.Rsqrt(bias(u.Count, d.Beta2))) // √(v/(1-Beta2ᵗ))
	step := ops.Div(m, ops.Add(size, ops.Like(size, d.Eps)))
	rate := ops.Div(u.LR, bias(u.Count, d.Beta1)) // scalar: lr/(1-Beta1ᵗ)
	return ops.Sub(u.Param, ops.Mul(step, rate)), []*graph.Node{m, v, largest}
}

// bias is 1 - betaᵗ as -expm1(t·log beta), which loses no digits for small t.
func bias(count *graph.Node, beta float64) *graph.Node {
	return ops.Neg(ops.Expm1(ops.Scale(count, math.Log(beta))))
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
