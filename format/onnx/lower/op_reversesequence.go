package lower

import (
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "ReverseSequence", Since: []int64{10, 28}, Rule: moves(reverseSequence)})
}

// reverseSequence turns the first steps of each sequence of a batch around, as
// many as operand 1 says; the others stay.
func reverseSequence(c *Call) {
	s := c.Shape(0)
	time, batch := c.AttrInt("time_axis", 0), c.AttrInt("batch_axis", 1)
	if s.Rank() < 2 || time < 0 || batch < 0 || time+batch != 1 {
		c.Fail("time axis %d and batch axis %d of %v, want 0 and 1 or 1 and 0", time, batch, s)
	}
	n, steps := s.Dim(batch), s.Dim(time)
	c.room(n, steps)
	if want := tensor.Dims(n); c.Shape(1) != want {
		c.Fail("lengths are %v, want %v", c.Shape(1), want)
	}
	ids := tensor.Type{DType: tensor.Int64, Shape: tensor.Dims(n, steps)}
	at := ops.Iota(c.Graph(), ids, 1)
	length := ops.BroadcastInDim(ops.Convert(c.In(1), tensor.Int64), ids.Shape, 0)
	from := ops.Sub(ops.Sub(length, at), ops.Like(at, 1))
	from = ops.Select(ops.Lt(at, length), from, at) // [N T]
	if time == 0 {
		from = ops.Transpose(from, 1, 0)
	}
	all := upTo(s.Rank())
	c.Return(ops.Gather(c.In(0), ops.Reshape(from, from.Shape().Append(1)), ops.GatherDims{
		Axes: ops.List(time), Collapsed: ops.List(time), Size: ops.List(s.With(0, 1).With(1, 1).Dims()...),
		Offset: ops.List(all[2:]...), BatchX: ops.List(batch), BatchIndices: ops.List(batch),
	}))
}
