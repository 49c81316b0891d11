package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// AttentionDims says which keys a query sees and how scores are scaled.
type AttentionDims struct {
	Causal bool    // query i sees keys 0…i+Offset alone
	Offset int     // S-L where the queries are the last of the keys; 0 where both begin together
	Scale  float64 // of the products of queries and keys; 0 means 1/√D
}

// turned is a set of operands that lie with rows before heads, [B L H D] in place
// of [B H L D], by their numbers.
type turned uint8

func (t turned) has(i int) bool { return t>>i&1 != 0 }

// headsFirst is the axes B, H, L, D of an operand: sizes and strides.
type headsFirst struct{ size, stride [4]int }

func (t turned) view(i int, s tensor.Shape) headsFirst {
	v, st := headsFirst{}, s.Strides()
	for j, a := range [4]int{0, 1, 2, 3} {
		if t.has(i) && (j == 1 || j == 2) {
			a = 3 - a
		}
		v.size[j], v.stride[j] = s.Dim(a), st[a]
	}
	return v
}

// shape is v's sizes as operand i of t lies.
func (t turned) shape(i int, size [4]int) tensor.Shape {
	if t.has(i) {
		size[1], size[2] = size[2], size[1]
	}
	return tensor.Dims(size[:]...)
}

// at is where row l of a head begins.
func (v headsFirst) at(b, h, l int) int { return b*v.stride[0] + h*v.stride[1] + l*v.stride[2] }

func (v headsFirst) strides() kernel.AttentionStrides {
	return kernel.AttentionStrides{Batch: v.stride[0], Head: v.stride[1], Row: v.stride[2]}
}

// attentionShape is how the operands of an attention lie.
type attentionShape struct {
	q, k, v, o headsFirst
	mask       [4]int // strides, 0 along axes it has once
}

func (s attentionShape) group() int { return s.q.size[1] / max(s.k.size[1], 1) }

// shape reads q, k and v and the mask, if it is there, and says what does not fit.
func (d AttentionDims) shape(t turned, q, k, v tensor.Type, mask ...tensor.Type) (s attentionShape, err error) {
	for i, x := range []tensor.Type{q, k, v} {
		if x.Shape.Rank() != 4 {
			return s, fmt.Errorf("operand %d is %v, want four axes", i, x)
		}
		if x.DType != q.DType {
			return s, fmt.Errorf("operands 0 and %d have %v and %v elements; convert one", i, q.DType, x.DType)
		}
	}
	s.q, s.k, s.v = t.view(0, q.Shape), t.view(1, k.Shape), t.view(2, v.Shape)
	switch q, k, v := s.q.size, s.k.size, s.v.size; {
	case q[0] != k[0] || q[3] != k[3]:
		return s, fmt.Errorf("queries %v against keys %v: want one batch and width", q, k)
	case k[0] != v[0] || k[1] != v[1] || k[2] != v[2]:
		return s, fmt.Errorf("keys %v against values %v: want one batch, heads and length", k, v)
	case k[1] != q[1] && (k[1] == 0 || q[1]%k[1] != 0):
		return s, fmt.Errorf("%d heads of queries do not divide among %d of keys", q[1], k[1])
	case !(d.Scale >= 0) || math.IsInf(d.Scale, 1):
		return s, fmt.Errorf("scale %v", d.Scale)
	}
	s.o = t.view(0, t.shape(0, [4]int{s.q.size[0], s.q.size[1], s.q.size[2], s.v.size[3]}))
	if len(mask) == 0 {
		return s, nil
	}
	s.mask, err = s.maskStrides(q.DType, mask[0])
	return s, err
}

// scores is the shape of all scores, [B H L S].
func (s attentionShape) scores() tensor.Shape {
	return tensor.Dims(s.q.size[0], s.q.size[1], s.q.size[2], s.k.size[2])
}

func (s attentionShape) maskStrides(d tensor.DType, m tensor.Type) (strides [4]int, err error) {
	if m.DType != tensor.Bool && m.DType != d {
		return strides, fmt.Errorf("the mask has %v elements, want bool or %v", m.DType, d)
	}
	if m.Shape.Rank() != 4 {
		return strides, fmt.Errorf("the mask is %v, want four axes", m)
	}
	want, st := s.scores(), m.Shape.Strides()
	for i := range 4 {
		switch m.Shape.Dim(i) {
		case want.Dim(i):
			if want.Dim(i) != 1 {
				strides[i] = st[i]
			}
		case 1:
		default:
			return strides, fmt.Errorf("the mask is %v, want %v or 1 along each axis", m, want)
		}
	}
	return strides, nil
}

// scale is what scores are multiplied by.
func (d AttentionDims) scale(s attentionShape) float64 {
	if d.Scale != 0 {
		return d.Scale
	}
	return 1 / math.Sqrt(float64(max(s.q.size[3], 1)))
}

// score is that of query l and key j of a head, -Inf where the key is not seen.
func (d AttentionDims) score(s attentionShape, q, k, mask *tensor.Wide, b, h, l, j int) float64 {
	if d.Causal && j > l+d.Offset {
		return math.Inf(-1)
	}
	sum, qi, ki := 0.0, s.q.at(b, h, l), s.k.at(b, h/s.group(), j)
	for e := range s.q.size[3] {
		sum += q.F[qi+e] * k.F[ki+e]
	}
	sum *= d.scale(s)
	if mask == nil {
		return sum
	}
	at := b*s.mask[0] + h*s.mask[1] + l*s.mask[2] + j*s.mask[3]
	switch {
	case mask.F != nil:
		return sum + mask.F[at]
	case mask.I[at] == 0:
		return math.Inf(-1)
	}
	return sum
}

// spec is the kernel's word for it.
func (d AttentionDims) spec(s attentionShape, mask []tensor.Type) kernel.AttentionSpec {
	k := kernel.AttentionSpec{
		Batch: s.q.size[0], Heads: s.q.size[1], KV: s.k.size[1], L: s.q.size[2], S: s.k.size[2],
		D: s.q.size[3], DV: s.v.size[3], Scale: float32(d.scale(s)), Causal: d.Causal, Offset: d.Offset,
		Q: s.q.strides(), K: s.k.strides(), V: s.v.strides(), O: s.o.strides(), MaskStride: s.mask,
	}
	if len(mask) > 0 {
		if k.Mask = kernel.MaskFloat; mask[0].DType == tensor.Bool {
			k.Mask = kernel.MaskBool
		}
	}
	return k
}

// flops counts products of all scores with rows of depth elements.
func (s attentionShape) flops(depth int) int64 {
	return 2 * int64(s.scores().Size()) * int64(depth)
}
