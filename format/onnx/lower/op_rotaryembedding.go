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
	y := c.named("rotary-embedding", func(x []*graph.Node) *graph.Node {
		y := rotated(x[0], x[1], x[2], interleaved)
		if turned < s.Dim(3) {
			y = ops.Concatenate(3, y, part(x[0], 3, turned, s.Dim(3)))
		}
		return y
	}, x, cos, sin)
	if c.Rank(0) == 3 {
		y = packHeads(y)
	}
	c.Return(y)
}

// rotated is the first elements of each head of x, turned in pairs: of neighbours, or
// of the halves.
func rotated(x, cos, sin *graph.Node, interleaved bool) *graph.Node {
	pairs := cos.Shape()
	half := pairs.Dim(3)
	x = part(x, 3, 0, 2*half)
	var a, b *graph.Node
	if interleaved {
		x = ops.Reshape(x, pairs.Append(2))
		a, b = ops.Reshape(part(x, 4, 0, 1), pairs), ops.Reshape(part(x, 4, 1, 2), pairs)
	} else {
		a, b = part(x, 3, 0, half), part(x, 3, half, 2*half)
	}
	first := ops.Sub(ops.Mul(cos, a), ops.Mul(sin, b))
	second := ops.Add(ops.Mul(sin, a), ops.Mul(cos, b))
	if !interleaved {
		return ops.Concatenate(3, first, second)
	}
	y := ops.Concatenate(4, ops.Reshape(first, pairs.Append(1)), ops.Reshape(second, pairs.Append(1)))
	return ops.Reshape(y, pairs.With(3, 2*half))
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
