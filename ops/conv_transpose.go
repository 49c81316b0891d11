package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
)

// ConvTranspose slides filters w [spatial… K/groups C] over the output: the
// transpose of a convolution from K channels to C, known as deconvolution. x is
// [N spatial… C], bias [K] or nil, the result [N out… K] with
//
//	out = (in-1)·stride + (taps-1)·dilation + 1 - low - high + extra
//
// d's padding is what is cut off the result; extra (a list as in d, below the
// stride) are places more at the high end, which several sizes of a strided
// convolution's input leave open. Dumoulin and Visin, "A guide to convolution
// arithmetic for deep learning", 2016.
func ConvTranspose(x, w, bias *graph.Node, d ConvDims, extra Ints) *graph.Node {
	rank := x.Shape().Rank()
	if rank < 3 || w.Shape().Rank() != rank {
		x.Graph().Fail("conv-transpose", fmt.Errorf("want [N spatial… C] and filters [spatial… K/groups C], got %v and %v", x.Type(), w.Type()))
		return x
	}
	d, extra = d.full(rank), orElse(extra, 0, rank-2)
	for _, l := range []Ints{d.Stride, d.PadLow, d.PadHigh, d.Dilation, extra} {
		if l.Len() != rank-2 {
			x.Graph().Fail("conv-transpose", fmt.Errorf("%v for %d spatial axes", l, rank-2))
			return x
		}
	}
	out := make([]int, rank-2)
	for i := range out {
		reach := (w.Shape().Dim(i)-1)*d.Dilation.At(i) + 1
		out[i] = (x.Shape().Dim(1+i)-1)*d.Stride.At(i) + reach - d.PadLow.At(i) - d.PadHigh.At(i) + extra.At(i)
		if extra.At(i) < 0 || extra.At(i) >= d.Stride.At(i) || out[i] < 0 {
			x.Graph().Fail("conv-transpose", fmt.Errorf("spatial axis %d: result of size %d with %d extra at stride %d", i, out[i], extra.At(i), d.Stride.At(i)))
			return x
		}
	}
	y := ConvGradInput(x, w, List(out...), d)
	if bias != nil {
		y = Add(y, bias)
	}
	return y
}
