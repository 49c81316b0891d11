package lower

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "MaxRoiPool", Since: []int64{1, 22}, Rule: maxRoiPool})
}

// maxRoiPool: X [N C H W], regions [R 5] of an image and corners x, y, x, y in
// whole pixels, both included. Girshick, "Fast R-CNN", ICCV 2015.
func maxRoiPool(c *Call) {
	size := c.AttrInts("pooled_shape")
	c.windowSizes("pooled_shape", size, 1, 2)
	if c.Rank(0) != 4 || c.Rank(1) != 2 || c.Shape(1).Dim(1) != 5 {
		c.Fail("want images [N C H W] and regions [R 5], got %v and %v", c.Type(0), c.Type(1))
	}
	scale := c.AttrFloat("spatial_scale", 1)
	rois := atLeastSingle(c.In(1))
	column := func(i int) *graph.Node {
		n := rois.Shape().Dim(0)
		return ops.Reshape(ops.Slice(rois, []int{0, i}, []int{n, i + 1}, nil), tensor.Dims(n))
	}
	x := channelsLast(c.In(0))
	xs := []*graph.Node{ops.Convert(column(0), tensor.Int32)}
	for axis := range 2 {
		start, end := roundAway(ops.Scale(column(2-axis), scale)), roundAway(ops.Scale(column(4-axis), scale))
		xs = append(xs, c.bins(start, end, size[axis], x.Shape().Dim(1+axis)))
	}
	y := ops.MapOf(xs, func(in []*graph.Node) []*graph.Node {
		rows := largestIn(ops.Take(x, in[0], 0), in[1], 0)
		top := largestIn(rows, in[2], 1)
		none := ops.Eq(top, ops.Like(top, math.Inf(-1)))
		return []*graph.Node{ops.Select(none, ops.Like(top, 0), top)}
	})
	c.Return(channelsSecond(y[0]))
}

// roundAway is the nearest whole number, of two the one further from 0.
func roundAway(x *graph.Node) *graph.Node {
	return ops.Mul(ops.Sign(x), ops.Floor(ops.Add(ops.Abs(x), ops.Like(x, 0.5))))
}

// bins says which of size places along an axis lie in which of n bins of the
// regions from start to end, [R]: bool [R n size].
func (c *Call) bins(start, end *graph.Node, n, size int) *graph.Node {
	s := c.Dims(start.Shape().Dim(0), n, size)
	t := tensor.Type{DType: start.DType(), Shape: s}
	length := ops.Add(ops.Sub(end, start), ops.Like(start, 1))
	width := ops.Div(ops.Max(length, ops.Like(length, 1)), ops.Like(length, float64(n))) // exact where it is whole
	bin := ops.BroadcastInDim(width, s, 0)
	first := ops.BroadcastInDim(start, s, 0)
	k, at := ops.Iota(c.Graph(), t, 1), ops.Iota(c.Graph(), t, 2)
	low := ops.Add(ops.Floor(ops.Mul(k, bin)), first)
	high := ops.Add(ops.Ceil(ops.Mul(ops.Add(k, ops.Like(k, 1)), bin)), first)
	return ops.And(ops.Ge(at, low), ops.Lt(at, high))
}

// largestIn is the largest elements of x along an axis in each bin of [n size]; -∞
// in bins that hold nothing.
func largestIn(x, bins *graph.Node, axis int) *graph.Node {
	dims := x.Shape().Dims()
	dims = append(dims[:axis:axis], append([]int{bins.Shape().Dim(0)}, dims[axis:]...)...)
	all := shapeAfter(x, dims...)
	var from []int
	for i := range all.Rank() {
		if i != axis {
			from = append(from, i)
		}
	}
	x = ops.BroadcastInDim(x, all, from...)
	in := ops.BroadcastInDim(bins, all, axis, axis+1)
	return ops.ReduceMax(ops.Select(in, x, ops.Like(x, math.Inf(-1))), axis+1)
}
