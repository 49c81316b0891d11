package nn

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// TransformerBlock is attention and a network for each place, each added to its
// input: Vaswani et al., 2017, section 3.1. Norms come before each part (Xiong et
// al., "On Layer Normalization in the Transformer Architecture", ICML 2020) or,
// with PostNorm as in the original, after each sum. With Cross the block is a
// decoder's: its places look at a memory too.
type TransformerBlock struct {
	Norm1       Layer
	Attention   *MultiHeadAttention
	Norm2       Layer // with Cross only
	Cross       *MultiHeadAttention
	Norm3       Layer
	FeedForward Seq
	PostNorm    bool
	Dropout     Dropout // of what is added
}

// BlockConfig is what [NewTransformerBlock] can vary.
type BlockConfig struct {
	AttentionConfig
	Hidden     int        // features inside the network for each place; 0 means 4·Width
	Activation Activation // inside it; empty means "relu"
	Drop       float64    // of what is added and inside the network for each place
	PostNorm   bool
	Cross      bool         // look at a memory of Memory features, after the attention
	Norm       func() Layer // of Width features; nil means [NewLayerNorm]
}

// NewTransformerBlock draws a block. The attention's own settings are the
// AttentionConfig's; Causal makes a decoder's of it.
func NewTransformerBlock(r rng.Stream, b BlockConfig) *TransformerBlock {
	if b.Hidden == 0 {
		b.Hidden = 4 * b.Width
	}
	if b.Activation == "" {
		b.Activation = "relu"
	}
	if b.Norm == nil {
		b.Norm = func() Layer { return NewLayerNorm(b.Width) }
	}
	self := b.AttentionConfig
	self.Memory = b.Width
	l := &TransformerBlock{
		Norm1: b.Norm(), Attention: NewMultiHeadAttention(r.Split("attention"), self),
		PostNorm: b.PostNorm, Dropout: Dropout{Rate: b.Drop},
	}
	if b.Cross {
		cross := b.AttentionConfig
		cross.Causal, cross.Fused, cross.Rotary = false, false, nil
		l.Norm2, l.Cross = b.Norm(), NewMultiHeadAttention(r.Split("cross"), cross)
	}
	l.Norm3 = b.Norm()
	up, down := NewLinear(r.Split("up"), b.Width, b.Hidden), NewLinear(r.Split("down"), b.Hidden, b.Width)
	if b.NoBias {
		up.Bias, down.Bias = nil, nil
	}
	l.FeedForward = Seq{up, b.Activation}
	if b.Drop > 0 {
		l.FeedForward = append(l.FeedForward, Dropout{Rate: b.Drop})
	}
	l.FeedForward = append(l.FeedForward, down)
	return l
}

// Forward implements Layer: [N L C] → [N L C].
func (l *TransformerBlock) Forward(c *Ctx, x *graph.Node) *graph.Node {
	return l.Attend(c, x, nil, nil, nil)
}

// Attend is Forward with masks, as [MultiHeadAttention.Attend] has them, for x
// itself and for memory [N S M], which a block with Cross must have.
func (l *TransformerBlock) Attend(c *Ctx, x, memory, mask, memoryMask *graph.Node) *graph.Node {
	if (l.Cross == nil) != (memory == nil) {
		c.Graph.Fail("transformer-block", fmt.Errorf("a memory is there: %v, the block looks at one: %v", memory != nil, l.Cross != nil))
		return x
	}
	x = l.part(c, "norm1", l.Norm1, x, func(x *graph.Node) *graph.Node {
		return c.In("attention", looking{l.Attention, nil, mask}, x)
	})
	if l.Cross != nil {
		x = l.part(c, "norm2", l.Norm2, x, func(x *graph.Node) *graph.Node {
			return c.In("cross", looking{l.Cross, memory, memoryMask}, x)
		})
	}
	return l.place(c, x)
}

// place is the part that each place goes through alone.
func (l *TransformerBlock) place(c *Ctx, x *graph.Node) *graph.Node {
	return l.part(c, "norm3", l.Norm3, x, func(x *graph.Node) *graph.Node { return c.In("feedforward", l.FeedForward, x) })
}

// part adds what f makes of x, with the norm before it or behind the sum.
func (l *TransformerBlock) part(c *Ctx, name string, norm Layer, x *graph.Node, f func(*graph.Node) *graph.Node) *graph.Node {
	y := x
	if !l.PostNorm {
		y = c.In(name, norm, x)
	}
	x = ops.Add(x, c.In("dropout", l.Dropout, f(y)))
	if l.PostNorm {
		x = c.In(name, norm, x)
	}
	return x
}

// Step is Forward for places that follow on those in the cache; see
// [MultiHeadAttention.Step]. The block has no Cross.
func (l *TransformerBlock) Step(c *Ctx, x *graph.Node, cache AttentionCache, at *graph.Node) (*graph.Node, AttentionCache) {
	var next AttentionCache
	x = l.part(c, "norm1", l.Norm1, x, func(x *graph.Node) *graph.Node {
		return c.In("attention", steppingLayer{l.Attention, cache, at, &next}, x)
	})
	return l.place(c, x), next
}

// looking is an attention with its other arguments.
type looking struct {
	*MultiHeadAttention
	memory, mask *graph.Node
}

// Forward implements Layer.
func (l looking) Forward(c *Ctx, x *graph.Node) *graph.Node {
	if l.memory == nil {
		return l.Attend(c, x, x, l.mask)
	}
	return l.Attend(c, x, l.memory, l.mask)
}

// steppingLayer is a step of an attention.
type steppingLayer struct {
	*MultiHeadAttention
	cache AttentionCache
	at    *graph.Node
	next  *AttentionCache
}

// Forward implements Layer.
func (l steppingLayer) Forward(c *Ctx, x *graph.Node) *graph.Node {
	y, next := l.Step(c, x, l.cache, l.at)
	*l.next = next
	return y
}

// remembering is a block with Cross that looks at its own input.
type remembering struct{ Block *TransformerBlock }

// Forward implements Layer.
func (l remembering) Forward(c *Ctx, x *graph.Node) *graph.Node {
	return c.In("block", withMemory{l.Block, x}, x)
}

// withMemory is a block with Cross and what it looks at.
type withMemory struct {
	*TransformerBlock
	memory *graph.Node
}

// Forward implements Layer.
func (l withMemory) Forward(c *Ctx, x *graph.Node) *graph.Node {
	return l.Attend(c, x, l.memory, nil, nil)
}

func init() {
	Register(Spec{
		Name: "transformer-block",
		Doc:  "attention and a network for each place, each added to its input",
		Cite: "Vaswani et al., 2017",
		New: func(r rng.Stream) Layer {
			return NewTransformerBlock(r, BlockConfig{AttentionConfig: AttentionConfig{Width: 4, Heads: 2}, Hidden: 5, Activation: "gelu", Drop: 0.1})
		},
		In:    tensor.F32(2, 3, 4),
		Out:   tensor.F32(2, 3, 4),
		Modes: true,
	})
	Register(Spec{
		Name: "transformer-decoder-block",
		Doc:  "a block whose places look to the left and at a memory, here at themselves",
		Cite: "Vaswani et al., 2017",
		New: func(r rng.Stream) Layer {
			return remembering{NewTransformerBlock(r, BlockConfig{
				AttentionConfig: AttentionConfig{Width: 4, Heads: 2, Causal: true}, Hidden: 5, Activation: "tanh", PostNorm: true, Cross: true,
			})}
		},
		In:  tensor.F32(2, 3, 4),
		Out: tensor.F32(2, 3, 4),
	})
}
