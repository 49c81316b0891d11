package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Take looks up places along an axis of x, which may count from the last: the
// axis becomes those of ids, of int32 or int64. With axis 0 of x [V D] and ids
// [N L] the result [N L D] is the rows of a table. Numbers below 0 and above the
// last place mean these.
func Take(x, ids *graph.Node, axis int) *graph.Node {
	axis = x.Shape().Axis(axis)
	return Gather(x, vectors(ids), takeDims(x.Shape(), ids.Shape().Rank(), axis))
}

// Put is x after updates, of the type that [Take] would give, have been combined
// in row-major order with the places along axis that ids name.
func Put(x, ids, updates *graph.Node, axis int, how Combine) *graph.Node {
	axis = x.Shape().Axis(axis)
	return Scatter(x, vectors(ids), updates, takeDims(x.Shape(), ids.Shape().Rank(), axis), how)
}

// TakeAlongAxis takes for each place of ids the element of x at the same place,
// but with the number there as its place along axis. Off the axis ids may be
// smaller than x. Numbers outside of the axis mean its first or last place.
func TakeAlongAxis(x, ids *graph.Node, axis int) *graph.Node {
	return Gather(x, vectors(ids), alongDims(x.Shape().Rank(), x.Shape().Axis(axis)))
}

// PutAlongAxis is x after updates, of the shape of ids, have been combined in
// row-major order with the elements that [TakeAlongAxis] would take.
func PutAlongAxis(x, ids, updates *graph.Node, axis int, how Combine) *graph.Node {
	return Scatter(x, vectors(ids), updates, alongDims(x.Shape().Rank(), x.Shape().Axis(axis)), how)
}

// vectors makes each number an index of one.
func vectors(ids *graph.Node) *graph.Node {
	if ids.Shape().Rank() == tensor.MaxRank {
		return ids // to be refused
	}
	return Reshape(ids, ids.Shape().Append(1))
}

// takeDims takes whole slices at one place along axis, by ids of rank axes.
func takeDims(x tensor.Shape, rank, axis int) GatherDims {
	if axis < 0 || axis >= x.Rank() {
		return GatherDims{Axes: List(axis)} // to be refused
	}
	var offset []int
	for i := range x.Rank() - 1 {
		if i >= axis {
			i += rank
		}
		offset = append(offset, i)
	}
	size := x.With(axis, 1).Dims()
	return GatherDims{Axes: List(axis), Size: List(size...), Collapsed: List(axis), Offset: List(offset...)}
}

// alongDims takes elements along axis: the other axes are those of a batch.
func alongDims(rank, axis int) GatherDims {
	var batch []int
	for i := range rank {
		if i != axis {
			batch = append(batch, i)
		}
	}
	return GatherDims{
		Axes: List(axis), Size: Repeat(1, rank), Collapsed: List(axis),
		BatchX: List(batch...), BatchIndices: List(batch...),
	}
}
