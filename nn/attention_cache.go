package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// AttentionCache is the keys and values of the places so far, of one attention:
// [N S Hkv D] each, for S places at most. A step takes a cache and gives the next
// one; a plan that is told to donate writes the new places alone.
type AttentionCache struct{ Key, Value *graph.Node }

// CacheType is the type of both parts of l's cache, for n sequences of up to
// length places.
func (l *MultiHeadAttention) CacheType(n, length int) tensor.Type {
	last := l.Key
	heads := l.KVHeads
	if l.Fused != nil {
		last, heads = l.Fused, l.Heads+2*l.KVHeads
	}
	width := last.Weight.Value.Shape().Dim(1) / heads
	return tensor.F32(n, length, l.KVHeads, width)
}

// Step is Forward for the places x [N T C] that follow on those in the cache, of
// which there are so many as at, int32 [], says. Together they must not be more
// than the cache has room for. Each place sees those before it and itself.
func (l *MultiHeadAttention) Step(c *Ctx, x *graph.Node, cache AttentionCache, at *graph.Node) (*graph.Node, AttentionCache) {
	q, k, v := l.project(c, x, x)
	if l.Rotary != nil {
		q, k = l.Rotary.Turn(q, at), l.Rotary.Turn(k, at)
	}
	zero := ops.Like(at, 0)
	start := ops.Concatenate(0, single(zero), single(at), single(zero), single(zero))
	next := AttentionCache{
		Key:   ops.DynamicUpdateSlice(cache.Key, k, start),
		Value: ops.DynamicUpdateSlice(cache.Value, v, start),
	}
	t, s := x.Shape().Dim(1), cache.Key.Shape().Dim(1)
	grid := tensor.Type{DType: at.DType(), Shape: tensor.Dims(t, s)}
	place := ops.Add(ops.Iota(c.Graph, grid, 0), ops.BroadcastInDim(at, grid.Shape))
	seen := ops.Le(ops.Iota(c.Graph, grid, 1), place)
	return l.join(c, q, next.Key, next.Value, seen, ops.AttentionDims{}), next
}

// single is a scalar as a list of one.
func single(x *graph.Node) *graph.Node { return ops.Reshape(x, tensor.Dims(1)) }

// PaddingMask says which places of ids [N L] hold something, as a mask for
// [MultiHeadAttention.Attend]: bool [N 1 1 L], false where ids are padding.
func PaddingMask(ids *graph.Node, padding int) *graph.Node {
	s := ids.Shape()
	return ops.Reshape(ops.Ne(ids, ops.Like(ids, float64(padding))), tensor.Dims(s.Dim(0), 1, 1, s.Dim(1)))
}

// LengthMask says which of the first places of sequences of lengths int32 [N]
// are theirs: bool [N 1 1 L].
func LengthMask(lengths *graph.Node, places int) *graph.Node {
	n := lengths.Shape().Dim(0)
	grid := tensor.Type{DType: lengths.DType(), Shape: tensor.Dims(n, places)}
	within := ops.Lt(ops.Iota(lengths.Graph(), grid, 1), ops.BroadcastInDim(lengths, grid.Shape, 0))
	return ops.Reshape(within, tensor.Dims(n, 1, 1, places))
}
