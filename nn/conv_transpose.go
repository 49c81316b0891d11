package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// ConvTranspose spreads every place over a filter's places, a stride apart: [N
// spatial… C] → [N spatial… K], larger by the stride. Zeiler et al.,
// "Deconvolutional Networks", CVPR 2010.
type ConvTranspose struct {
	Weight *Param // [spatial… K/groups C]
	Bias   *Param // [K], nil for none
	Config ConvTransposeConfig
}

// ConvTransposeConfig is the configuration of the convolution whose transpose a
// layer is: its padding is cut off the result.
type ConvTransposeConfig struct {
	ConvConfig
	// Extra is how many places the result has more at the high end of each axis,
	// below the stride (PyTorch's output_padding); with Padding.Same it is not
	// looked at, and the result is as large as the input times the stride.
	Extra []int
}

// NewConvTranspose draws filters from in to out channels; the bias is zero.
func NewConvTranspose(r rng.Stream, in, out int, config ConvTransposeConfig) *ConvTranspose {
	draw := config.Init
	if draw == nil {
		draw = KaimingNormal
	}
	shape := append(append([]int{}, config.Size...), out/max(config.Groups, 1), in)
	l := &ConvTranspose{Weight: draw(r.Split("weight"), tensor.Dims(shape...)), Config: config}
	if !config.NoBias {
		l.Bias = noDecay(Zeros(r, tensor.Dims(out)))
	}
	return l
}

// Forward implements Layer: [N spatial… C] → [N spatial… K].
func (l *ConvTranspose) Forward(c *Ctx, x *graph.Node) *graph.Node {
	o := l.Config
	low, high, extra := o.cut()
	return ops.ConvTranspose(x, c.Param(l.Weight), c.optional(l.Bias), ops.ConvDims{
		Stride: ops.List(o.Stride...), Dilation: ops.List(o.Dilation...),
		PadLow: ops.List(low...), PadHigh: ops.List(high...), Groups: o.Groups,
	}, ops.List(extra...))
}

// cut is what is cut off the result and what it has more.
func (o ConvTransposeConfig) cut() (low, high, extra []int) {
	if !o.Padding.Same {
		return o.Padding.Low, o.Padding.High, o.Extra
	}
	for i, k := range o.Size {
		more := (k-1)*at(o.Dilation, i) + 1 - at(o.Stride, i)
		total := max(more, 0)
		low, high, extra = append(low, total/2), append(high, total-total/2), append(extra, max(-more, 0))
	}
	return low, high, extra
}

func init() {
	Register(Spec{
		Name: "conv-transpose",
		Doc:  "filters spread over the places of a larger output",
		Cite: "Zeiler et al., 2010",
		New: func(r rng.Stream) Layer {
			return NewConvTranspose(r, 4, 6, ConvTransposeConfig{
				ConvConfig: ConvConfig{Size: []int{3, 2}, Stride: []int{2, 1}, Groups: 2, Padding: Pad(1, 0)}, Extra: []int{1, 0},
			})
		},
		In:  tensor.F32(2, 3, 4, 4),
		Out: tensor.F32(2, 6, 5, 6),
	})
}
