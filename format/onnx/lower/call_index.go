package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// index is operand i, places along axes, as a node: numbers below 0, which count
// from the end, are turned into places. sizes is the size of the axis, or of one
// for each number along the operand's last axis. Numbers that are facts of the
// model must be places; others outside of an axis become its first or last one,
// as the operations that take them say.
func (c *Call) index(i int, sizes ...int) *graph.Node {
	if t, ok := c.Known(i); ok {
		return c.Graph().Constant(c.places(t, sizes))
	}
	ids := c.In(i)
	switch d := ids.DType(); {
	case d.Float():
		c.Fail("indices are %v, want whole numbers", ids.Type())
	case d != tensor.Int32 && d != tensor.Int64:
		ids = ops.Convert(ids, tensor.Int64)
	}
	if len(sizes) == 0 {
		return ids
	}
	size := ops.Like(ids, float64(sizes[0]))
	if len(sizes) != 1 {
		size = ops.Convert(c.Graph().Constant(int64s(sizes...)), ids.DType())
	}
	return ops.Select(ops.Lt(ids, ops.Like(ids, 0)), ops.Add(ids, size), ids)
}

// places is the numbers of t as int64 places along axes of the given sizes.
func (c *Call) places(t tensor.Tensor, sizes []int) tensor.Tensor {
	w := tensor.Widen(t)
	if w.F != nil {
		c.Fail("indices are %v, want whole numbers", t.Type())
	}
	for j, v := range w.I {
		n := int64(sizes[j%len(sizes)])
		if v < -n || v >= n {
			c.Fail("index %d of %d places", v, n)
		}
		if v < 0 {
			w.I[j] = v + n
		}
	}
	return tensor.From(t.Shape(), w.I)
}
