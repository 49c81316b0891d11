package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// DynamicSlice takes a part of x of the given sizes, one for each axis, that
// begins at start, int32 or int64 [rank of x], known only when it runs. A part
// that would not lie in x wholly is moved inside, as in XLA.
func DynamicSlice(x, start *graph.Node, size ...int) *graph.Node {
	return Gather(x, start, partDims(x.Shape(), size))
}

// DynamicUpdateSlice is x with update in place of the part that begins at start,
// int32 or int64 [rank of x]. A part that would not lie in x wholly is moved
// inside. Where nobody else needs x only the part is written.
func DynamicUpdateSlice(x, update, start *graph.Node) *graph.Node {
	return Scatter(x, start, update, partDims(x.Shape(), update.Shape().Dims()), CombineUpdate)
}

// partDims is one part of x, with all of its axes.
func partDims(x tensor.Shape, size []int) GatherDims {
	all := List(numbered(0, x.Rank())...)
	return GatherDims{Axes: all, Size: List(size...), Offset: all}
}
