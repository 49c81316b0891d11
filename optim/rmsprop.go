package optim

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// RMSProp divides the gradient by a running root mean square of itself:
// Tieleman and Hinton, "Lecture 6.5, RMSProp", COURSERA: Neural Networks for
// Machine Learning, 2012,
//
//	g ← g + WeightDecay·p
//	v ← Memory·v + (1-Memory)·g²
//	d ← g / (√v + Eps)
//	p ← p - lr·d               or, with momentum, b ← Momentum·b + d, p ← p - lr·b
//
// If Centered, the square of a running mean of g is subtracted from v under the
// root: Graves, "Generating Sequences With Recurrent Neural Networks", 2013,
// equations 38 to 45. A zero field means the value in its comment.
type RMSProp struct {
	Memory      float64 // 0.99
	Eps         float64 // 1e-8
	Momentum    float64 // 0
	Centered    bool    // false
	WeightDecay float64 // 0
}

// Name implements Optimizer.
func (RMSProp) Name() string { return "rmsprop" }

// Slots implements Optimizer.
func (o RMSProp) Slots(tensor.Type) []string {
	names := []string{"square"}
	if o.Centered {
		names = append(names, "mean")
	}
	if o.Momentum != 0 {
		names = append(names, "momentum")
	}
	return names
}

// Update implements Optimizer.
func (o RMSProp) Update(u Step) (*graph.Node, []*graph.Node) {
	memory, eps := or(o.Memory, 0.99), or(o.Eps, 1e-8)
	g := regularised(u, o.WeightDecay)
	v := ops.Add(ops.Scale(u.Slots[0], memory), ops.Scale(ops.Mul(g, g), 1-memory))
	slots, level := []*graph.Node{v}, v
	if o.Centered {
		m := ops.Add(ops.Scale(u.Slots[1], memory), ops.Scale(g, 1-memory))
		slots = append(slots, m)
		// A variance; rounding can bring it below zero.
		level = ops.Sub(v, ops.Mul(m, m))
		level = ops.Max(level, ops.Like(level, 0))
	}
	size := ops.Sqrt(level)
	d := ops.Div(g, ops.Add(size, ops.Like(size, eps)))
	if o.Momentum != 0 {
		d = ops.Add(ops.Scale(u.Slots[len(u.Slots)-1], o.Momentum), d)
		slots = append(slots, d)
	}
	return ops.Sub(u.Param, ops.Mul(u.LR, d)), slots
}

func (o RMSProp) check() error {
	if o.Memory >= 1 || o.Momentum >= 1 {
		return fmt.Errorf("memory is %v and momentum %v, want less than 1", o.Memory, o.Momentum)
	}
	return nil
}

func init() {
	Register(Entry{
		Name: "rmsprop", Doc: "the gradient over a running root mean square of itself",
		Cite:    "Tieleman and Hinton, 2012; Graves, 2013",
		Default: RMSProp{Memory: 0.99, Eps: 1e-8},
	})
}
