package main

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// Attention of 8 heads over 256 places of 8 sequences, 64 features a head, and
// the same with its gradient, whose sums are what training reads.
func init() {
	heads := tensor.F32(8, 8, 256, 64)
	product := 2 * float64(8*8*256*256*64)
	add("attention", func(b *bench) error {
		q, k, v := threeLeaves(heads)
		return b.function("attention", []*graph.Node{q, k, v}, []*graph.Node{ops.Attention(q, k, v, nil, ops.AttentionDims{})}, 2*product)
	})
	add("attention-train", func(b *bench) error {
		q, k, v := threeLeaves(heads)
		g := q.Graph().Leaf("g", heads)
		o := ops.Attention(q, k, v, nil, ops.AttentionDims{})
		grads := graph.Backward{Of: []*graph.Node{o}, Seeds: []*graph.Node{g}}.Grad(q, k, v)
		return b.function("attention-train", []*graph.Node{q, k, v, g}, append(grads, o), 7*product)
	})
}

func threeLeaves(t tensor.Type) (q, k, v *graph.Node) {
	g := graph.New()
	return g.Leaf("q", t), g.Leaf("k", t), g.Leaf("v", t)
}
