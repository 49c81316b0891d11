package zoo

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
)

// ConvBlock is a convolution, and then what is not nil of batch normalisation, an
// activation and pooling: [N H W C] → [N H' W' K].
type ConvBlock struct {
	Conv *nn.Conv // without a bias, which the norm would take away
	Norm *nn.BatchNorm
	Act  nn.Layer
	Pool nn.Layer
}

// newConvBlock draws a block with square filters and ReLU. Without padding the
// sides shrink by size-1.
func newConvBlock(r rng.Stream, in, out, size, stride int, padding nn.Padding) *ConvBlock {
	return &ConvBlock{
		Conv: nn.NewConv(r.Split("conv"), in, out, nn.ConvConfig{
			Size: []int{size, size}, Stride: []int{stride, stride}, Padding: padding, NoBias: true,
		}),
		Norm: nn.NewBatchNorm(out),
		Act:  nn.Activation("relu"),
	}
}

// Forward implements nn.Layer.
func (b *ConvBlock) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	x = c.In("conv", b.Conv, x)
	if b.Norm != nil {
		x = c.In("norm", b.Norm, x)
	}
	if b.Act != nil {
		x = c.In("act", b.Act, x)
	}
	if b.Pool != nil {
		x = c.In("pool", b.Pool, x)
	}
	return x
}

// halve is max pooling over touching squares of two by two.
func halve() nn.Layer { return nn.MaxPool{PoolConfig: nn.PoolConfig{Size: []int{2, 2}}} }
