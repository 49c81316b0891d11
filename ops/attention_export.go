package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Export implements graph.Exporter: scores, Softmax and a product.
func (op attention) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	all := inlined(x, in, n, op.Decompose)
	if n.OutTypes()[0].Shape.Size() == 0 || op.Turned.view(1, n.InTypes()[1].Shape).size[2] == 0 {
		return all
	}
	o := inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		q := op.Turned.headed(0, v[0])
		heads := q.Shape().Dim(1)
		k, values := repeatHeads(op.Turned.headed(1, v[1]), heads), repeatHeads(op.Turned.headed(2, v[2]), heads)
		p := op.softmax(op.scoresOf(q, k, v[3:]), len(v) > 3 || op.Causal && op.Offset < 0)
		return []*graph.Node{op.Turned.headed(0, MatMul(p, values))}
	})
	return []string{o[0], all[1]}
}

// softmax is the shares of keys with the scores s. Where blind, some queries may see
// none, and Softmax of -Inf alone is NaN: hidden keys have a very low score then, and
// no share.
func (d AttentionDims) softmax(s *graph.Node, blind bool) *graph.Node {
	if !blind {
		return Softmax(s, 3)
	}
	lowest := -1e30
	if s.DType() == tensor.Float16 {
		lowest = -65504
	}
	hidden := Eq(s, Like(s, math.Inf(-1)))
	return Select(hidden, Like(s, 0), Softmax(Select(hidden, Like(s, lowest), s), 3))
}
