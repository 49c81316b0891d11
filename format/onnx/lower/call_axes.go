package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// axesAt is the axes that operand i names, or, before opset since, the attribute
// "axes"; given is false if there is neither.
func (c *Call) axesAt(i int, since int64) (axes []int, given bool) {
	if c.Opset() < since {
		return c.AttrInts("axes"), c.HasAttr("axes")
	}
	if !c.Has(i) {
		return nil, false
	}
	return c.Ints(i), true
}

// room asks that a value of the given sizes may be made while its neighbours are
// empty: a size of 0 counts as 1.
func (c *Call) room(dims ...int) {
	for i, d := range dims {
		if d == 0 {
			dims[i] = 1
		}
	}
	c.Dims(dims...)
}

// upTo is the numbers below n: all axes of n.
func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// int64s is a vector.
func int64s(v ...int) tensor.Tensor {
	t := make([]int64, len(v))
	for i, x := range v {
		t[i] = int64(x)
	}
	return tensor.From(tensor.Dims(len(v)), t)
}

// stretched is x broadcast to shape, aligned at the last axes.
func stretched(x *graph.Node, shape tensor.Shape) *graph.Node {
	if x.Shape() == shape {
		return x
	}
	axes := upTo(x.Shape().Rank())
	for i := range axes {
		axes[i] += shape.Rank() - len(axes)
	}
	return ops.BroadcastInDim(x, shape, axes...)
}

// inFloat32 is f of x, computed in float32 if x has fewer bits and rounded to x's
// type then.
func inFloat32(x *graph.Node, f func(x *graph.Node) *graph.Node) *graph.Node {
	if d := x.DType(); d.Float() && d.Bits() < 32 {
		return ops.Convert(f(ops.Convert(x, tensor.Float32)), d)
	}
	return f(x)
}
