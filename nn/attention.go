package nn

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// MultiHeadAttention lets each place of a sequence look at all places of a
// sequence, itself or another, with several heads: Vaswani et al., "Attention Is
// All You Need", NeurIPS 2017, section 3.2.2.
type MultiHeadAttention struct {
	Query, Key, Value *Linear // [C H·D], [M Hkv·D], [M Hkv·D]; nil with Fused
	Fused             *Linear // [C (H+2·Hkv)·D]: queries, keys and values at once
	Output            *Linear // [H·D C]
	Heads, KVHeads    int     // heads of queries, and of keys and values
	Causal            bool    // a place sees itself and those before it
	Dropout           float64 // of the weights, in training
	Rotary            *Rotary // turns queries and keys by their places; nil: nothing does
}

// AttentionConfig is what [NewMultiHeadAttention] can vary. What is 0 has the
// value that its comment says.
type AttentionConfig struct {
	Width     int // of the sequence and of the result, C
	Memory    int // of the sequence looked at, M; C
	Heads     int // 1
	KVHeads   int // Heads
	HeadWidth int // D; C/Heads
	NoBias    bool
	Fused     bool
	Causal    bool
	Dropout   float64
	Rotary    *Rotary
}

func (a AttentionConfig) full() AttentionConfig {
	for _, d := range []struct {
		setting *int
		value   int
	}{{&a.Memory, a.Width}, {&a.Heads, 1}, {&a.KVHeads, a.Heads}} {
		if *d.setting == 0 {
			*d.setting = d.value
		}
	}
	if a.KVHeads == 0 {
		a.KVHeads = a.Heads
	}
	if a.HeadWidth == 0 {
		a.HeadWidth = a.Width / a.Heads
	}
	return a
}

// NewMultiHeadAttention draws weights with [XavierUniform], as the original code
// does; biases are zero.
func NewMultiHeadAttention(r rng.Stream, a AttentionConfig) *MultiHeadAttention {
	a = a.full()
	l := &MultiHeadAttention{Heads: a.Heads, KVHeads: a.KVHeads, Causal: a.Causal, Dropout: a.Dropout, Rotary: a.Rotary}
	linear := func(name string, in, out int) *Linear {
		w := &Linear{Weight: XavierUniform(r.Split(name), tensor.Dims(in, out))}
		if !a.NoBias {
			w.Bias = noDecay(Zeros(r, tensor.Dims(out)))
		}
		return w
	}
	q, kv := a.Heads*a.HeadWidth, a.KVHeads*a.HeadWidth
	if a.Fused {
		l.Fused = linear("fused", a.Width, q+2*kv)
	} else {
		l.Query, l.Key, l.Value = linear("query", a.Width, q), linear("key", a.Memory, kv), linear("value", a.Memory, kv)
	}
	l.Output = linear("output", q, a.Width)
	return l
}

// Forward implements Layer: every place of x [N L C] looks at those of x.
func (l *MultiHeadAttention) Forward(c *Ctx, x *graph.Node) *graph.Node {
	return l.Attend(c, x, x, nil)
}

// Attend looks from every place of x [N L C] at those of memory [N S M], and
// returns [N L C]. The mask is nil or as [ops.Attention] has it, broadcasting to
// [N H L S]; [PaddingMask] makes one.
func (l *MultiHeadAttention) Attend(c *Ctx, x, memory, mask *graph.Node) *graph.Node {
	if x.Shape().Rank() != 3 || memory.Shape().Rank() != 3 {
		c.Graph.Fail("attention", fmt.Errorf("%v looks at %v, want [N L C] and [N S M]", x.Type(), memory.Type()))
		return x
	}
	q, k, v := l.project(c, x, memory)
	if l.Rotary != nil {
		q, k = l.Rotary.Turn(q, nil), l.Rotary.Turn(k, nil)
	}
	return l.join(c, q, k, v, mask, ops.AttentionDims{Causal: l.Causal})
}

// project makes queries, keys and values, [N L H D] each.
func (l *MultiHeadAttention) project(c *Ctx, x, memory *graph.Node) (q, k, v *graph.Node) {
	if l.Fused == nil {
		q, k, v = c.In("query", l.Query, x), c.In("key", l.Key, memory), c.In("value", l.Value, memory)
	} else {
		if x != memory {
			c.Graph.Fail("attention", fmt.Errorf("queries, keys and values made at once come from one sequence"))
		}
		all := c.In("fused", l.Fused, x)
		width := all.Shape().Dim(2) / (l.Heads + 2*l.KVHeads)
		first, second := l.Heads*width, (l.Heads+l.KVHeads)*width
		q, k, v = lastAxis(all, 0, first), lastAxis(all, first, second), lastAxis(all, second, all.Shape().Dim(2))
	}
	return cutHeads(q, l.Heads), cutHeads(k, l.KVHeads), cutHeads(v, l.KVHeads)
}

// lastAxis is places from…to of the last axis.
func lastAxis(x *graph.Node, from, to int) *graph.Node {
	d := x.Shape().Dims()
	start, stride := make([]int, len(d)), make([]int, len(d))
	for i := range stride {
		stride[i] = 1
	}
	start[len(d)-1], d[len(d)-1] = from, to
	return ops.Slice(x, start, d, stride)
}

// cutHeads is [N L H·D] → [N L H D].
func cutHeads(x *graph.Node, heads int) *graph.Node {
	d := x.Shape().Dims()
	return ops.Reshape(x, tensor.Dims(d[0], d[1], heads, d[2]/heads))
}

// join looks with q at k and v, all [N … H D], and maps what it finds.
func (l *MultiHeadAttention) join(c *Ctx, q, k, v, mask *graph.Node, d ops.AttentionDims) *graph.Node {
	headed := func(x *graph.Node) *graph.Node { return ops.Transpose(x, 0, 2, 1, 3) }
	var o *graph.Node
	if c.Train && l.Dropout > 0 {
		w := Dropout{Rate: l.Dropout}.Forward(c, ops.AttentionWeights(headed(q), headed(k), mask, d))
		o = weighted(w, headed(v))
	} else {
		o = ops.Attention(headed(q), headed(k), headed(v), mask, d)
	}
	s := q.Shape()
	o = ops.Reshape(headed(o), tensor.Dims(s.Dim(0), s.Dim(1), s.Dim(2)*v.Shape().Dim(3)))
	return c.In("output", l.Output, o)
}

// weighted sums values [N Hkv S D] by the weights [N H L S] of their heads.
func weighted(w, v *graph.Node) *graph.Node {
	d, kv := w.Shape().Dims(), v.Shape().Dim(1)
	w = ops.Reshape(w, tensor.Dims(d[0], kv, d[1]/kv*d[2], d[3]))
	return ops.Reshape(ops.MatMul(w, v), tensor.Dims(d[0], d[1], d[2], v.Shape().Dim(3)))
}

func init() {
	Register(Spec{
		Name: "attention",
		Doc:  "places of a sequence look at all others, with several heads",
		Cite: "Vaswani et al., 2017",
		New: func(r rng.Stream) Layer {
			return NewMultiHeadAttention(r, AttentionConfig{Width: 6, Heads: 2, Dropout: 0.3})
		},
		In:    tensor.F32(2, 3, 6),
		Out:   tensor.F32(2, 3, 6),
		Modes: true,
	})
	Register(Spec{
		Name: "attention-grouped",
		Doc:  "attention whose heads share keys and values, turned by place, to the left alone",
		Cite: "Ainslie et al., 2023",
		New: func(r rng.Stream) Layer {
			return NewMultiHeadAttention(r, AttentionConfig{Width: 8, Heads: 4, KVHeads: 2, NoBias: true, Fused: true, Causal: true, Rotary: &Rotary{}})
		},
		In:  tensor.F32(2, 3, 8),
		Out: tensor.F32(2, 3, 8),
	})
}
