package lower

import (
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "MaxUnpool", Since: []int64{9, 11, 22}, Rule: maxUnpool})
}

// maxUnpool: X and the places of its elements in the tensor that was pooled, which
// has the shape that the attributes tell. A larger shape, operand 2, is filled up
// with zeros at the high ends.
func maxUnpool(c *Call) {
	rank := c.Rank(0)
	if rank < 3 || c.Shape(1) != c.Shape(0) {
		c.Fail("want numbers [N C spatial…] and as many places, got %v and %v", c.Type(0), c.Type(1))
	}
	var given []int
	if c.Has(2) {
		if given = c.Ints(2); len(given) != rank {
			c.Fail("operand 2 is %v, want %d sizes", given, rank)
		}
	}
	s := c.Shape(0).Dims()
	w := c.windows(s[2:], c.AttrInts("kernel_shape"))
	dims, larger := s[:2:2], true
	for i := range w.in {
		dims = append(dims, (w.in[i]-1)*w.stride[i]+w.size[i]-w.low[i]-w.high[i])
	}
	high := make([]int, rank)
	for i := range given {
		high[i] = given[i] - dims[i]
		larger = larger && high[i] >= 0
	}
	if !larger {
		dims, high = given, make([]int, rank)
	}
	shape := c.Dims(dims...)
	flat := func(i int) tensor.Shape { return tensor.Dims(c.Shape(i).Size()) }
	x, at := ops.Reshape(c.In(0), flat(0)), ops.Reshape(c.In(1), flat(1))
	zeros := c.Graph().Fill(0, tensor.Type{DType: x.DType(), Shape: tensor.Dims(shape.Size())})
	y := ops.Reshape(ops.Put(zeros, at, x, 0, ops.CombineUpdate), shape)
	if given != nil {
		y = ops.Pad(y, 0, make([]int, rank), high, nil)
	}
	c.Return(y)
}
