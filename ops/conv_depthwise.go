package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// A depthwise convolution with a multiplier has several filters for each channel.
// It is one with one filter for each channel of an input in which every channel
// stands as often as it has filters, which is what the kernels are good at.

// multiplies says whether d has several filters [taps… 1 K] for each of several
// channels of x.
func (d ConvDims) multiplies(x, w *graph.Node) bool {
	c := x.Shape().Dim(-1)
	return d.Groups == c && c > 1 && w.Shape().Dim(-1) > c
}

// repeated is x [… C] with each channel k/C times in a row.
func repeated(x *graph.Node, k int) *graph.Node {
	dims := x.Shape().Dims()
	last := len(dims) - 1
	wide := tensor.Dims(append(dims, k/dims[last])...)
	y := BroadcastInDim(x, wide, numbered(0, last+1)...)
	dims[last] = k
	return Reshape(y, tensor.Dims(dims...))
}

// gathered is the transpose of repeated: the channels of y are added up to those
// of shape x.
func gathered(y *graph.Node, x tensor.Shape) *graph.Node {
	dims := append(x.Dims(), y.Shape().Dim(-1)/x.Dim(-1))
	return ReduceSum(Reshape(y, tensor.Dims(dims...)), len(dims)-1)
}
