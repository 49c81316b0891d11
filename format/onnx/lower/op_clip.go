package lower

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Clip", Since: []int64{1, 6, 11, 12, 13}, Rule: clip})
}

// clip holds numbers between bounds: attributes before opset 11, operands since.
// A bound that is not given is the least or largest number of the type.
func clip(c *Call) {
	low, high := c.Type(0).DType.Range()
	if c.Opset() < 11 {
		c.Return(clamped(c.In(0), c.AttrFloat("min", low), c.AttrFloat("max", high)))
		return
	}
	low, lowKnown := c.bound(1, low)
	high, highKnown := c.bound(2, high)
	x := c.In(0)
	if lowKnown && highKnown {
		c.Return(clamped(x, low, high))
		return
	}
	infinite := x.DType().Float() // whole numbers all lie within their type's own bounds
	if c.Has(1) || infinite {
		x = ops.Max(x, c.scalarOr(1, low))
	}
	if c.Has(2) || infinite {
		x = ops.Min(x, c.scalarOr(2, high))
	}
	c.Return(x)
}

// bound is the content of operand i, one number, if it is a fact of the model that
// float64 has; or is taken if it is not given.
func (c *Call) bound(i int, or float64) (v float64, known bool) {
	if !c.Has(i) {
		return or, true
	}
	t, ok := c.Known(i)
	if !ok || t.Shape().Size() != 1 {
		return or, false
	}
	if w := tensor.Widen(t); w.F != nil {
		v = w.F[0]
	} else {
		v = float64(w.I[0])
	}
	return v, t.DType().Float() || math.Abs(v) < 1<<53
}

// scalar is operand i, one number of any shape, as a node without axes.
func (c *Call) scalar(i int) *graph.Node {
	if s := c.Shape(i); s.Size() != 1 {
		c.Fail("operand %d has shape %v, want one number", i, s)
	}
	return ops.Reshape(c.In(i), tensor.Dims())
}

// scalarOr is operand i as [Call.scalar], or a number of operand 0's type.
func (c *Call) scalarOr(i int, or float64) *graph.Node {
	if c.Has(i) {
		return c.scalar(i)
	}
	return c.Graph().Fill(or, tensor.Type{DType: c.Type(0).DType})
}

// clamped is x held between low and high, as the activation that readers know
// where it is one.
func clamped(x *graph.Node, low, high float64) *graph.Node {
	least, most := x.DType().Range()
	switch {
	case low == 0 && high == 6 && x.DType().Float():
		return ops.ReLU6(x)
	case low <= least && high >= most && !x.DType().Float():
		return x
	case !(low <= high):
		return ops.Min(ops.Max(x, ops.Like(x, low)), ops.Like(x, high))
	}
	return ops.Clamp(x, low, high)
}
