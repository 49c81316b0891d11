package zoo

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/tensor"
)

// Stepper is a language model that can go on with texts without reading them
// again. What it remembers of them is tensors, all zeros before the first token.
type Stepper interface {
	nn.Layer
	// Memory is the types of what is remembered of n texts.
	Memory(n int) []tensor.Type
	// Reach is how many tokens can be remembered, 0 for any number.
	Reach() int
	// Advance is the logits [N T V] after each of the tokens ids int32 [N T], which
	// so many others as at, int32 [], says come before, and what is remembered then.
	Advance(c *nn.Ctx, ids *graph.Node, memory []*graph.Node, at *graph.Node) (logits *graph.Node, next []*graph.Node)
}

// Memory implements Stepper: keys and values of each block.
func (n *GPT) Memory(batch int) []tensor.Type { return caches(n.Blocks, batch, n.Reach()) }

// caches is the types of keys and values of blocks for so many places.
func caches(blocks []*nn.TransformerBlock, batch, places int) []tensor.Type {
	var list []tensor.Type
	for _, b := range blocks {
		t := b.Attention.CacheType(batch, places)
		list = append(list, t, t)
	}
	return list
}

// Reach implements Stepper: there are positions for so many tokens.
func (n *GPT) Reach() int { return n.Position.Weight.Value.Shape().Dim(0) }

// Advance implements Stepper.
func (n *GPT) Advance(c *nn.Ctx, ids *graph.Node, memory []*graph.Node, at *graph.Node) (logits *graph.Node, next []*graph.Node) {
	var caches []nn.AttentionCache
	for i := range n.Blocks {
		caches = append(caches, nn.AttentionCache{Key: memory[2*i], Value: memory[2*i+1]})
	}
	logits, caches = n.Step(c, ids, caches, at)
	for _, k := range caches {
		next = append(next, k.Key, k.Value)
	}
	return logits, next
}
