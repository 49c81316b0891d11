package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "RotaryEmbedding", Since: []int64{23}, Rule: rotaryEmbedding})
}

// rotaryEmbedding turns pairs of the first elements of each head by angles that
// depend on the place: X [B H L D] or [B L H·D], cosines and sines [places D/2] with
// places [B L], or [B L D/2] without. Su et al., "RoFormer", 2021.
func rotaryEmbedding(c *Call) {
	x := c.heads(0, c.AttrInt("num_heads", 0))
	s := x.Shape()
	turned := c.AttrInt("rotary_embedding_dim", 0)
	if turned == 0 {
		turned = s.Dim(3)
	}
	if turned < 0 || turned > s.Dim(3) || turned%2 != 0 {
		c.Fail("%d of %d elements of a head cannot be turned in pairs", turned, s.Dim(3))
	}
	pairs := tensor.Dims(s.Dim(0), s.Dim(1), s.Dim(2), turned/2)
	cos, sin := c.angles(1, pairs), c.angles(2, pairs)
	interleaved := c.AttrBool("interleaved", false)
	head := part(x, 3, 0, turned)
	var a, b *graph.Node
	if interleaved {
		head = ops.Reshape(head, pairs.Append(2))
		a, b = ops.Reshape(part(head, 4, 0, 1), pairs), ops.Reshape(part(head, 4, 1, 2), pairs)
	} else {
		a, b = part(head, 3, 0, turned/2), part(head, 3, turned/2, turned)
	}
	first := ops.Sub(ops.Mul(cos, a), ops.Mul(sin, b))
	second := ops.Add(ops.Mul(sin, a), ops.Mul(cos, b))
	var y *graph.Node
	if interleaved {
		y = ops.Concatenate(4, ops.Reshape(first, pairs.Append(1)), ops.Reshape(second, pairs.Append(1)))
		y = ops.Reshape(y, pairs.With(3, turned))
	} else {
		y = ops.Concatenate(3, first, second)
	}
	if turned < s.Dim(3) {
		y = ops.Concatenate(3, y, part(x, 3, turned, s.Dim(3)))
	}
	if c.Rank(0) == 3 {
		y = packHeads(y)
	}
	c.Return(y)
}

// angles is operand i, cosines or sines, for the pairs [B H L D/2].
func (c *Call) angles(i int, pairs tensor.Shape) *graph.Node {
	n := c.In(i)
	want := tensor.Dims(pairs.Dim(0), pairs.Dim(2), pairs.Dim(3))
	if c.Has(3) {
		if n.Shape().Rank() != 2 || c.Shape(3) != tensor.Dims(pairs.Dim(0), pairs.Dim(2)) {
			c.Fail("operands %d and 3 are %v and %v, want [places D/2] and [B L]", i, n.Type(), c.Type(3))
		}
		n = ops.Take(n, c.In(3), 0)
	}
	if n.Shape() != want {
		c.Fail("operand %d is for %v, want %v", i, n.Shape(), want)
	}
	return ops.BroadcastInDim(n, pairs, 0, 2, 3)
}
