package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "STFT", Since: []int64{17}, Rule: stft})
}

// stft is the Fourier transforms of frames of a signal [N L parts], which begin
// step places after one another and are weighed by a window.
func stft(c *Call) {
	s := c.Shape(0)
	step, length := c.Int(1), 0
	switch {
	case c.Has(3):
		length = c.Int(3)
	case c.Has(2):
		length = c.Shape(2).Size()
	case s.Rank() == 3:
		length = s.Dim(1)
	}
	if s.Rank() != 3 || step < 1 || length < 1 || length > s.Dim(1) {
		c.Fail("frames of %d, %d apart, of %v, want of [N L parts]", length, step, s)
	}
	if c.Has(2) && c.Shape(2) != tensor.Dims(length) {
		c.Fail("a window %v for frames of %d", c.Shape(2), length)
	}
	t := spectrum{n: length, onesided: c.AttrBool("onesided", true), parts: s.Dim(2)}
	c.checkSpectrum(t)
	window := c.InOr(2)
	c.Return(inFloat32(c.In(0), func(x *graph.Node) *graph.Node {
		if window != nil {
			window = ops.Convert(window, x.DType())
		}
		if t.isProduct() {
			return c.slidingTransform(x, window, step, t)
		}
		return c.framesTransform(x, window, step, t)
	}))
}

// slidingTransform is a convolution whose filters are the window times waves.
func (c *Call) slidingTransform(x, window *graph.Node, step int, t spectrum) *graph.Node {
	places, parts := t.out()
	waves := ops.Reshape(t.constant(x.Graph(), x.DType()), tensor.Dims(t.n, t.parts, places*parts))
	if window != nil {
		waves = ops.Mul(waves, ops.BroadcastInDim(window, waves.Shape(), 0))
	}
	y := ops.Conv(x, waves, nil, ops.ConvDims{Stride: ops.List(step)})
	return ops.Reshape(y, c.Dims(y.Shape().Dim(0), y.Shape().Dim(1), places, parts))
}

// framesTransform cuts the frames out and transforms each.
func (c *Call) framesTransform(x, window *graph.Node, step int, t spectrum) *graph.Node {
	count := (x.Shape().Dim(1)-t.n)/step + 1
	c.Dims(x.Shape().Dim(0), count, t.n, t.parts)
	at := tensor.Type{DType: tensor.Int64, Shape: tensor.Dims(count, t.n)}
	first := ops.Scale(ops.Iota(x.Graph(), at, 0), float64(step))
	frames := ops.Take(x, ops.Add(first, ops.Iota(x.Graph(), at, 1)), 1) // [N F n parts]
	if window != nil {
		frames = ops.Mul(frames, ops.BroadcastInDim(window, frames.Shape(), 2))
	}
	return c.transformed(frames, t)
}
