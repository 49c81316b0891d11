package lower

import (
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "ConstantOfShape", Since: []int64{9, 20, 21, 23, 24, 25}, Rule: constantOfShape})
	register(Operator{Name: "EyeLike", Since: []int64{9, 22}, Rule: eyeLike})
	register(Operator{Name: "Trilu", Since: []int64{14}, Rule: trilu})
}

// constantOfShape is the attribute's value, or the float32 0, everywhere.
func constantOfShape(c *Call) {
	shape := c.Dims(c.Ints(0)...)
	value, ok := c.AttrTensor("value")
	if !ok {
		value = c.l.tensorHere(tensor.Scalar(float32(0)))
	}
	if value.Shape().Size() != 1 {
		c.Fail("the value is %v, want one", value.Type())
	}
	c.Return(c.full(value, shape))
}

// full is the one element of t everywhere.
func (c *Call) full(t tensor.Tensor, shape tensor.Shape) *graph.Node {
	w := tensor.Widen(t)
	to := tensor.Type{DType: t.DType(), Shape: shape}
	switch {
	case w.F != nil:
		return c.Graph().Fill(w.F[0], to)
	case w.I[0] > -1<<53 && w.I[0] < 1<<53:
		return c.Graph().Fill(float64(w.I[0]), to)
	}
	t, err := t.Reshape(tensor.Dims())
	c.check(err)
	return ops.BroadcastInDim(c.Graph().Constant(t), shape)
}

// eyeLike is 1 on a diagonal of a matrix of the operand's shape, 0 elsewhere.
func eyeLike(c *Call) {
	s := c.Shape(0)
	if s.Rank() != 2 {
		c.Fail("%v is no matrix", s)
	}
	at := tensor.Type{DType: tensor.Int64, Shape: s}
	row, column := ops.Iota(c.Graph(), at, 0), ops.Iota(c.Graph(), at, 1)
	on := ops.Eq(ops.Add(row, ops.Like(row, float64(diagonal(s, c.AttrInt("k", 0))))), column)
	c.Return(ops.Convert(on, c.AttrDType("dtype", c.Type(0).DType)))
}

// diagonal is k, or a diagonal outside of the matrix on k's side of it.
func diagonal(s tensor.Shape, k int) int {
	return min(max(k, -s.Dim(-2)-1), s.Dim(-1)+1)
}

// trilu keeps the triangle above, or below, a diagonal.
func trilu(c *Call) {
	k := 0
	if c.Has(1) {
		k = c.Int(1)
	}
	s := c.Shape(0)
	if s.Rank() < 2 || slices.Max(s.Dims()[s.Rank()-2:]) >= 1<<30 {
		c.Fail("%v is no matrix", s)
	}
	c.room(s.Dim(-2), s.Dim(-1))
	half := ops.Tril
	if c.AttrBool("upper", true) {
		half = ops.Triu
	}
	c.Return(half(c.In(0), diagonal(s, k)))
}
