package graph

import (
	"crypto/sha256"
	"fmt"
	"math"

	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// The operations that building and differentiating a graph cannot do without.
// All others live in package ops.

// Leaf is a value fed from outside: data, a parameter, a step's random key.
type Leaf struct {
	Label string
	Of    tensor.Type
}

// Name implements Op.
func (Leaf) Name() string { return "leaf" }

// Infer implements Op.
func (l Leaf) Infer([]tensor.Type) ([]tensor.Type, error) { return typed(l.Of) }

// typed is the type of a source, which must have an element type.
func typed(t tensor.Type) ([]tensor.Type, error) {
	if t.DType.Bits() == 0 {
		return nil, fmt.Errorf("no element type")
	}
	return []tensor.Type{t}, nil
}

// Ref implements Op; a leaf is fed, so there is nothing to compute.
func (Leaf) Ref(_, _ []tensor.Wide) {}

// Leaf declares a value that is fed at run time under label. The same label
// twice is the same value; with another type it is a mistake.
func (g *Graph) Leaf(label string, t tensor.Type) *Node {
	if n, ok := g.leaves[label]; ok && g.err == nil {
		if n.typ != t {
			g.Fail("leaf", fmt.Errorf("%q is declared as %v and as %v", label, n.typ, t))
		}
		return n
	}
	n := g.Source(Leaf{label, t})[0]
	if g.err == nil {
		g.leaves[label] = n
	}
	return n
}

// Const is a tensor known when the graph is built.
type Const struct {
	Value tensor.Tensor
	sum   string // of the content
}

// Name implements Op.
func (*Const) Name() string { return "constant" }

// Key implements Keyed: constants of equal type and content are one.
func (c *Const) Key() string { return c.sum }

// Infer implements Op.
func (c *Const) Infer([]tensor.Type) ([]tensor.Type, error) {
	return typed(c.Value.Type())
}

// Ref implements Op.
func (c *Const) Ref(out, _ []tensor.Wide) {
	w := tensor.Widen(c.Value)
	copy(out[0].F, w.F)
	copy(out[0].I, w.I)
}

// VJP implements Differentiable.
func (*Const) VJP(_ []*Node, _ *Inst) []*Node { return nil }

// Constant adds a tensor to the graph. The tensor must not change afterwards.
func (g *Graph) Constant(t tensor.Tensor) *Node {
	h := sha256.New()
	fmt.Fprint(h, t.Type())
	h.Write(t.Bytes())
	return g.Source(&Const{t, string(h.Sum(nil))})[0]
}

// Fill is a constant whose elements are all one value: the value of a whole
// number for integers.
type Fill struct {
	Value float64
	Of    tensor.Type
}

// Name implements Op.
func (Fill) Name() string { return "fill" }

// Infer implements Op.
func (f Fill) Infer([]tensor.Type) ([]tensor.Type, error) { return typed(f.Of) }

// Key implements Keyed: 0 and -0 are two values, and NaN is one.
func (f Fill) Key() string { return fmt.Sprintf("%x %v", math.Float64bits(f.Value), f.Of) }

// VJP implements Differentiable.
func (Fill) VJP(_ []*Node, _ *Inst) []*Node { return nil }

// Ref implements Op.
func (f Fill) Ref(out, _ []tensor.Wide) {
	for i := range out[0].F {
		out[0].F[i] = f.Value
	}
	for i := range out[0].I {
		out[0].I[i] = int64(f.Value)
		if f.Value >= 1<<63 && f.Of.DType == tensor.Uint64 {
			out[0].I[i] = int64(uint64(f.Value))
		}
	}
}

// Lane implements Elementwise.
func (f Fill) Lane(e *kernel.Expr, _ []kernel.Reg) (kernel.Reg, bool) {
	return e.Imm(float32(f.Value)), f.Of.DType == tensor.Float32
}

// Fill is a constant: every element is value.
func (g *Graph) Fill(value float64, t tensor.Type) *Node { return g.Source(Fill{value, t})[0] }

// sum adds two cotangents of one node.
type sum struct{}

func (sum) Name() string { return "sum" }

func (sum) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if len(in) != 2 || in[0] != in[1] || !in[0].DType.Float() {
		return nil, fmt.Errorf("want two operands of one floating-point type")
	}
	return in[:1], nil
}

func (sum) Ref(out, in []tensor.Wide) {
	for i := range out[0].F {
		out[0].F[i] = in[0].F[i] + in[1].F[i]
	}
}

func (sum) VJP(ct []*Node, _ *Inst) []*Node { return []*Node{ct[0], ct[0]} }

func (sum) InPlace() [][2]int { return [][2]int{{0, 0}, {0, 1}} }

func (sum) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Add(in[0], in[1]), true
}

// Permute implements Permuter.
func (op sum) Permute([]int, []tensor.Type) (Op, bool) { return op, true }
