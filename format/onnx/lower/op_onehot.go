package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "OneHot", Since: []int64{9, 11, 28}, Rule: moves(oneHot)})
}

// oneHot is values[1] where the place along a new axis of depth places is that of
// the index, which may count from the end, and values[0] elsewhere.
func oneHot(c *Call) {
	depth := int(c.Float(1))
	ids := c.Shape(0).Dims()
	axis := c.Axis(c.AttrInt("axis", -1), len(ids)+1)
	dims := append(append(append([]int{}, ids[:axis]...), depth), ids[axis:]...)
	places := tensor.Type{DType: tensor.Int64, Shape: c.Dims(dims...)}
	c.room(depth)
	if n := c.Shape(2).Size(); n != 2 {
		c.Fail("%d values, want two", n)
	}
	x := ops.Convert(c.In(0), tensor.Int64)
	x = ops.Select(ops.Lt(x, ops.Like(x, 0)), ops.Add(x, ops.Like(x, float64(depth))), x)
	x = ops.Reshape(x, places.Shape.With(axis, 1))
	along := ops.Iota(c.Graph(), tensor.Type{DType: tensor.Int64, Shape: tensor.Dims(depth)}, 0)
	at := ops.Eq(stretched(x, places.Shape), ops.BroadcastInDim(along, places.Shape, axis))
	c.Return(ops.Select(at, elementAt(c.In(2), 1), elementAt(c.In(2), 0)))
}

// elementAt is the i-th element of a vector, without axes.
func elementAt(x *graph.Node, i int) *graph.Node {
	return ops.Reshape(ops.Slice(x, []int{i}, []int{i + 1}, nil), tensor.Dims())
}
