package lower

import "github.com/ihae/ihae/tensor"

func init() {
	register(Operator{Name: "Shape", Since: []int64{1, 13, 15, 19, 21, 23, 24, 25}, Rule: shapeOf})
	register(Operator{Name: "Size", Since: []int64{1, 13, 19, 21, 23, 24, 25}, Rule: sizeOf})
}

// shapeOf is the sizes from start (0) to end (the rank), which count from the
// last where they are negative and are held within the rank.
func shapeOf(c *Call) {
	start, end := c.AttrInt("start", 0), c.AttrInt("end", tensor.MaxRank)
	c.ofDims(func(dims []int) tensor.Tensor {
		bound := func(a int) int {
			if a < 0 {
				a += len(dims)
			}
			return min(max(a, 0), len(dims))
		}
		to := bound(end)
		return int64s(dims[min(bound(start), to):to]...)
	})
}

func sizeOf(c *Call) {
	c.ofDims(func(dims []int) tensor.Tensor {
		n := int64(1)
		for _, d := range dims {
			n *= int64(d)
		}
		return tensor.Scalar(n)
	})
}

// ofDims returns f of the sizes of operand 0: a fact of the model, except for
// texts.
func (c *Call) ofDims(f func(dims []int) tensor.Tensor) {
	if c.Kind(0) == KindStrings {
		c.Host(func(in []Host) ([]Host, error) { return []Host{TensorHost(f(in[0].Dims))}, nil }, 0)
		return
	}
	c.ReturnTensor(0, f(c.Shape(0).Dims()))
}
