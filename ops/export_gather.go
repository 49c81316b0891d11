package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Gathering and scattering as ONNX has them. Its operators look places along one
// axis up and refuse those outside.

// operator is what ONNX has for d, and the axis; an empty name for none.
func (d GatherDims) operator(x, ids tensor.Shape) (name string, axis int) {
	for axis := range x.Rank() {
		switch {
		case d == alongDims(x.Rank(), axis) && ids.Rank()-1 == x.Rank():
			return "GatherElements", axis
		case d == takeDims(x, ids.Rank()-1, axis):
			return "Gather", axis
		}
	}
	return "", 0
}

// exportPlaces writes indices of one number as places along an axis of a number of
// places, those outside moved inside.
func exportPlaces(x graph.Exchange, ids string, t tensor.Type, places int) string {
	flat := reshaped(x, ids, t.Shape.Without(t.Shape.Rank()-1))
	low, high := x.Constant(scalarOf(t.DType, 0)), x.Constant(scalarOf(t.DType, float64(places-1)))
	return x.Add("Clip", []string{flat, low, high})
}

// places is, for each element of what is gathered, its place in x as a row of
// elements: int64 in the shape of what is gathered.
func (d GatherDims) places(x, ids *graph.Node) *graph.Node {
	s, err := d.shape(x.Shape(), ids.Shape())
	if err != nil {
		x.Graph().Fail("gather", err)
		return ids
	}
	numbers := func(pick func(a int) int) *graph.Node {
		w := tensor.NewWide(tensor.Type{DType: tensor.Int64, Shape: tensor.Dims(len(s.along))})
		for i := range w.I {
			w.I[i] = int64(pick(i))
		}
		return x.Graph().Constant(w.Narrow())
	}
	at := Convert(ids, tensor.Int64)
	at = Min(Max(at, Like(at, 0)), BroadcastInDim(numbers(func(i int) int { return s.along[i].Limit }), at.Shape(), ids.Shape().Rank()-1))
	at = Mul(at, BroadcastInDim(numbers(func(i int) int { return s.along[i].Stride }), at.Shape(), ids.Shape().Rank()-1))
	at = ReduceSum(at, -1) // where each slice begins
	at = BroadcastInDim(at, s.y, restOf(s.y.Rank(), d.Offset, Ints{})...)
	for i, a := range s.axes {
		if a.X != 0 {
			step := Iota(x.Graph(), tensor.Type{DType: tensor.Int64, Shape: tensor.Dims(s.y.Dim(i))}, 0)
			at = Add(at, BroadcastInDim(Mul(step, Like(step, float64(a.X))), s.y, i))
		}
	}
	return at
}
