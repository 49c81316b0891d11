package main

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// slide is a convolution of a published network: x [N spatial… C], w [taps…
// C/groups K].
type slide struct {
	name string
	x, w []int
	d    ops.ConvDims
}

var slides = []slide{
	{"mobilenet-112", []int{8, 112, 112, 32}, []int{3, 3, 1, 32}, padded(2, 1, 1, 32)},
	{"mobilenet-112-s2", []int{8, 112, 112, 64}, []int{3, 3, 1, 64}, padded(2, 2, 1, 64)},
	{"mobilenet-14", []int{8, 14, 14, 512}, []int{3, 3, 1, 512}, padded(2, 1, 1, 512)},
	{"resnext-56", []int{4, 56, 56, 128}, []int{3, 3, 4, 128}, padded(2, 1, 1, 32)},
	{"resnext-28", []int{4, 28, 28, 256}, []int{3, 3, 8, 256}, padded(2, 1, 1, 32)},
	{"resnext-14", []int{4, 14, 14, 512}, []int{3, 3, 16, 512}, padded(2, 1, 1, 32)},
	{"c3d-1", []int{1, 16, 112, 112, 3}, []int{3, 3, 3, 3, 64}, padded(3, 1, 1, 1)},
	{"c3d-2", []int{1, 16, 56, 56, 64}, []int{3, 3, 3, 64, 128}, padded(3, 1, 1, 1)},
	{"speech-k11-s2", []int{16, 400, 80}, []int{11, 80, 256}, padded(1, 2, 5, 1)},
	{"speech-k3", []int{16, 200, 256}, []int{3, 256, 256}, padded(1, 1, 1, 1)},
	{"dcgan-4", []int{16, 8, 8, 256}, []int{4, 4, 256, 512}, padded(2, 2, 1, 1)},
	{"dcgan-32", []int{16, 64, 64, 3}, []int{4, 4, 3, 64}, padded(2, 2, 1, 1)},
	{"stem-7x7", []int{8, 224, 224, 3}, []int{7, 7, 3, 64}, padded(2, 2, 3, 1)},
	{"rgb-3x3-s2", []int{32, 64, 64, 3}, []int{3, 3, 3, 32}, padded(2, 2, 1, 1)},
}

// padded is the same stride and padding along all axes.
func padded(axes, stride, pad, groups int) ops.ConvDims {
	return ops.ConvDims{
		Stride: ops.Repeat(stride, axes), PadLow: ops.Repeat(pad, axes), PadHigh: ops.Repeat(pad, axes), Groups: groups,
	}
}

// Convolutions, their gradients with respect to the input (which is what
// transposed convolutions are) and to the filters.
func init() {
	for _, s := range slides {
		g := graph.New()
		x, w := g.Leaf("x", tensor.F32(s.x...)), g.Leaf("w", tensor.F32(s.w...))
		y := ops.Conv(x, w, nil, s.d)
		flops := 2 * float64(y.Shape().Size()) * float64(w.Shape().Size()) / float64(s.w[len(s.w)-1])
		spatial := len(s.x) - 2
		dy := g.Leaf("dy", y.Type())
		add("conv-"+s.name+"-y", func(b *bench) error {
			return b.function("conv-"+s.name+"-y", []*graph.Node{x, w}, []*graph.Node{y}, flops)
		})
		add("conv-"+s.name+"-dx", func(b *bench) error {
			dx := ops.ConvGradInput(dy, w, ops.List(s.x[1:1+spatial]...), s.d)
			return b.function("conv-"+s.name+"-dx", []*graph.Node{dy, w}, []*graph.Node{dx}, flops)
		})
		add("conv-"+s.name+"-dw", func(b *bench) error {
			dw := ops.ConvGradFilter(x, dy, ops.List(s.w[:spatial]...), s.d)
			return b.function("conv-"+s.name+"-dw", []*graph.Node{x, dy}, []*graph.Node{dw}, flops)
		})
	}
}
