package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// ONNX has channels on the second axis, [N C spatial…]; package ops has them on
// the last, [N spatial… C]. Plans move and cancel the transpositions between.

// channelsLast is [N C spatial…] → [N spatial… C].
func channelsLast(x *graph.Node) *graph.Node {
	rank := x.Shape().Rank()
	if rank < 3 {
		return x
	}
	perm := []int{0}
	for i := 2; i < rank; i++ {
		perm = append(perm, i)
	}
	return ops.Transpose(x, append(perm, 1)...)
}

// channelsSecond is [N spatial… C] → [N C spatial…].
func channelsSecond(y *graph.Node) *graph.Node {
	rank := y.Shape().Rank()
	if rank < 3 {
		return y
	}
	perm := []int{0, rank - 1}
	for i := 1; i < rank-1; i++ {
		perm = append(perm, i)
	}
	return ops.Transpose(y, perm...)
}

// tapsFirst is filters [A B taps…] → [taps… B A].
func tapsFirst(w *graph.Node) *graph.Node {
	rank := w.Shape().Rank()
	var perm []int
	for i := 2; i < rank; i++ {
		perm = append(perm, i)
	}
	return ops.Transpose(w, append(perm, 1, 0)...)
}

// atLeastSingle is x as float32 if it is of floats with fewer bits.
func atLeastSingle(x *graph.Node) *graph.Node {
	if d := x.DType(); d.Float() && d.Bits() < 32 {
		return ops.Convert(x, tensor.Float32)
	}
	return x
}

// shapeAfter is a shape that follows from x's. What is none, and an earlier mistake in
// x's graph, end the rule.
func shapeAfter(x *graph.Node, dims ...int) tensor.Shape {
	err := x.Graph().Err()
	if err == nil {
		var s tensor.Shape
		if s, err = tensor.CheckedDims(dims...); err == nil {
			return s
		}
	}
	panic(stop{err})
}

// spatialAxes is the places of the spatial axes of [N C spatial…].
func spatialAxes(rank int) []int {
	var axes []int
	for i := 2; i < rank; i++ {
		axes = append(axes, i)
	}
	return axes
}
