package optim

import (
	"fmt"
	"math"

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

// Update implements Optimizer. What depends on the step alone is computed once,
// as scalars.
func (o AdamW) Update(u Step) (*graph.Node, []*graph.Node) {
	beta1, beta2, eps := or(o.Beta1, 0.9), or(o.Beta2, 0.999), or(o.Eps, 1e-8)
	m := ops.Add(ops.Scale(u.Slots[0], beta1), ops.Scale(u.Grad, 1-beta1))
	v := ops.Add(ops.Scale(u.Slots[1], beta2), ops.Scale(ops.Mul(u.Grad, u.Grad), 1-beta2))
	rate := ops.Div(u.LR, bias(u.Count, beta1)) // scalar: lr/(1-Beta1ᵗ)
	level := ops.Rsqrt(bias(u.Count, beta2))    // scalar: 1/√(1-Beta2ᵗ)
	size := ops.Mul(ops.Sqrt(v), level)         // √(v/(1-Beta2ᵗ))
	step := ops.Div(m, ops.Add(size, ops.Like(size, eps)))
	delta := ops.Mul(step, rate)
	if u.Decay && o.WeightDecay != 0 {
		delta = ops.Add(delta, ops.Mul(u.Param, ops.Scale(u.LR, o.WeightDecay)))
	}
	return ops.Sub(u.Param, delta), []*graph.Node{m, v}
}

// bias is 1 - betaᵗ as -expm1(t·log beta), which loses no digits for small t.
func bias(count *graph.Node, beta float64) *graph.Node {
	return ops.Neg(ops.Expm1(ops.Scale(count, math.Log(beta))))
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
