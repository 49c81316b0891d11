package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// headed brings an operand to [B H L D].
func (t turned) headed(i int, x *graph.Node) *graph.Node {
	if t.has(i) {
		return Transpose(x, headsAndRows...)
	}
	return x
}

// repeatHeads gives each head of queries its head of keys: [B Hkv S D] → [B H S D].
func repeatHeads(x *graph.Node, heads int) *graph.Node {
	d := x.Shape().Dims()
	if d[1] == heads {
		return x
	}
	x = BroadcastInDim(x, tensor.Dims(d[0], d[1], heads/d[1], d[2], d[3]), 0, 1, 3, 4)
	return Reshape(x, tensor.Dims(d[0], heads, d[2], d[3]))
}

// sumHeads adds up what heads of queries give to their head of keys.
func sumHeads(x *graph.Node, kv int) *graph.Node {
	d := x.Shape().Dims()
	if d[1] == kv {
		return x
	}
	return ReduceSum(Reshape(x, tensor.Dims(d[0], kv, d[1]/kv, d[2], d[3])), 2)
}

// scoresOf is all scores of q, k [B H … D]: -Inf where a key is not seen.
func (d AttentionDims) scoresOf(q, k *graph.Node, mask []*graph.Node) *graph.Node {
	r, c := q.Shape().Dims(), k.Shape().Dims()
	scale := d.scale(attentionShape{q: headsFirst{size: [4]int(r)}})
	s := Scale(DotGeneral(q, k, DotDims{List(0, 1), List(0, 1), List(3), List(3)}), scale)
	hidden := Like(s, math.Inf(-1))
	if len(mask) > 0 {
		m := BroadcastInDim(mask[0], s.Shape(), 0, 1, 2, 3)
		if m.DType() == tensor.Bool {
			s = Select(m, s, hidden)
		} else {
			s = Add(s, m)
		}
	}
	if d.Causal {
		t := tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(r[2], c[2])}
		row, column := Iota(s.Graph(), t, 0), Iota(s.Graph(), t, 1)
		seen := Le(column, Add(row, Like(row, float64(d.Offset))))
		s = Select(BroadcastInDim(seen, s.Shape(), 2, 3), s, hidden)
	}
	return s
}

// byQuery repeats [B H L] over keys or elements: s is [B H L …].
func byQuery(x *graph.Node, s tensor.Shape) *graph.Node { return BroadcastInDim(x, s, 0, 1, 2) }

// AttentionWeights is how much each query [B H L D] of [Attention] takes of the
// value of each key [B Hkv S D]: [B H L S], whose rows add up to 1, or are 0 where
// no key is seen.
func AttentionWeights(q, k, mask *graph.Node, d AttentionDims) *graph.Node {
	var masks []*graph.Node
	if mask != nil {
		masks = append(masks, fourAxes(mask))
	}
	p, _ := d.weights(q, repeatHeads(k, q.Shape().Dim(1)), masks)
	return p
}

// weights is the shares of keys, and the logarithms of their sums before.
func (d AttentionDims) weights(q, k *graph.Node, mask []*graph.Node) (p, lse *graph.Node) {
	s := d.scoresOf(q, k, mask)
	top := ReduceMax(s, 3)
	top = Select(Eq(top, Like(top, math.Inf(-1))), Like(top, 0), top)
	e := Exp(Sub(s, byQuery(top, s.Shape())))
	sum := ReduceSum(e, 3)
	blind := Eq(sum, Like(sum, 0))
	sum = Select(blind, Like(sum, 1), sum)
	lse = Select(blind, Like(sum, 0), Add(top, Log(sum)))
	return Div(e, byQuery(sum, s.Shape())), lse
}

// Decompose implements Decomposer.
func (op attention) Decompose(in []*graph.Node) []*graph.Node {
	heads := op.Turned.view(0, in[0].Shape()).size[1]
	k, v := op.Turned.headed(1, in[1]), op.Turned.headed(2, in[2])
	p, lse := op.weights(op.Turned.headed(0, in[0]), repeatHeads(k, heads), in[3:])
	return []*graph.Node{op.Turned.headed(0, MatMul(p, repeatHeads(v, heads))), lse}
}
