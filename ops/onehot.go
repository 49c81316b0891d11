package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// OneHot is 1 at the place that each of the integers ids names along a new last
// axis of depth places, and 0 elsewhere: [N …] → [N … depth]. A number that is no
// place gives zeros.
func OneHot(ids *graph.Node, depth int, d tensor.DType) *graph.Node {
	s := ids.Shape()
	if s.Rank() == tensor.MaxRank || depth < 0 {
		return Take(ids, ids, tensor.MaxRank) // to be refused
	}
	t := tensor.Type{DType: ids.DType(), Shape: s.Append(depth)}
	places := BroadcastInDim(Iota(ids.Graph(), tensor.Type{DType: t.DType, Shape: tensor.Dims(depth)}, 0), t.Shape, s.Rank())
	return Convert(Eq(BroadcastInDim(ids, t.Shape, numbered(0, s.Rank())...), places), d)
}
