package lower

import (
	"slices"

	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Col2Im", Since: []int64{18}, Rule: col2im})
}

// blocks is how blocks slide over an image, one number for each axis.
type blocks struct{ image, size, stride, dilation, low, high []int }

// col2im adds up the blocks [N C·∏size L] to the images [N C image…] that they
// are cut from: the transpose of cutting them.
func col2im(c *Call) {
	b := c.blocks()
	s := c.Shape(0)
	padded, counts := c.slides(b)
	taps, count := c.Dims(b.size...).Size(), c.Dims(counts...).Size()
	if s.Rank() != 3 || s.Dim(1)%taps != 0 || s.Dim(2) != count {
		c.Fail("columns are %v, want [N C·%d %d]", s, taps, count)
	}
	n, ch, cells := s.Dim(0), s.Dim(1)/taps, c.Dims(padded...).Size()
	if n*ch == 0 {
		c.returnZeros(append([]int{n, ch}, b.image...)...)
		return
	}
	x := ops.Reshape(c.In(0), c.Dims(n, ch, taps*count))
	blank := c.Graph().Fill(0, tensor.Type{DType: x.DType(), Shape: c.Dims(n, ch, cells)})
	y := ops.Put(blank, c.Graph().Constant(b.places(padded, counts)), x, 2, ops.CombineAdd)
	y = ops.Reshape(y, c.Dims(append([]int{n, ch}, padded...)...))
	start, limit := make([]int, 2+len(padded)), y.Shape().Dims()
	for i, d := range b.image {
		start[2+i], limit[2+i] = b.low[i], b.low[i]+d
	}
	c.Return(ops.Slice(y, start, limit, nil))
}

// blocks reads the attributes and operands 1 and 2.
func (c *Call) blocks() blocks {
	image, size := c.Ints(1), c.Ints(2)
	n := len(image)
	if n == 0 || len(size) != n {
		c.Fail("blocks %v of an image %v", size, image)
	}
	pads := c.list("pads", 2*n, 0)
	return blocks{image, size, c.list("strides", n, 1), c.list("dilations", n, 1), pads[:n], pads[n:]}
}

// list is an attribute of n numbers that are not below least, which is also what
// they are if it is not there.
func (c *Call) list(name string, n, least int) []int {
	v := c.AttrInts(name)
	if v == nil {
		v = slices.Repeat([]int{least}, n)
	}
	if len(v) != n || slices.Min(v) < least || slices.Max(v) > 1<<30 {
		c.Fail("%s are %v, want %d numbers from %d on", name, v, n, least)
	}
	return v
}

// slides is the sizes of the image with its padding, and how many places a block
// has along each axis.
func (c *Call) slides(b blocks) (padded, counts []int) {
	c.Dims(b.image...)
	for i, d := range b.image {
		size := d + b.low[i] + b.high[i]
		if b.size[i] < 1 || b.size[i] > size || (b.size[i]-1)*b.dilation[i] >= size {
			c.Fail("blocks of %d, %d apart, of an axis of size %d", b.size[i], b.dilation[i], size)
		}
		padded = append(padded, size)
		counts = append(counts, (size-(b.size[i]-1)*b.dilation[i]-1)/b.stride[i]+1)
	}
	return padded, counts
}

// places is, for each tap of a block and for each block, its place in the image
// with its padding.
func (b blocks) places(padded, counts []int) tensor.Tensor {
	taps, starts := []int64{0}, []int64{0}
	for i, size := range padded {
		taps = inside(taps, size, b.size[i], b.dilation[i])
		starts = inside(starts, size, counts[i], b.stride[i])
	}
	var at []int64
	for _, t := range taps {
		for _, s := range starts {
			at = append(at, t+s)
		}
	}
	return tensor.From(tensor.Dims(len(at)), at)
}

// inside adds an axis: n places of it, step apart, for each place outside.
func inside(outer []int64, size, n, step int) []int64 {
	var all []int64
	for _, o := range outer {
		for i := range n {
			all = append(all, o*int64(size)+int64(i*step))
		}
	}
	return all
}
