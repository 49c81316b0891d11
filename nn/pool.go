package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// PoolConfig says what a pooling's windows are and how they slide over one to
// three spatial axes.
type PoolConfig struct {
	Size       []int   // of the window, along each spatial axis; needed
	Stride     []int   // Size: windows that touch
	Dilation   []int   // 1: distance between neighbours in the window
	Padding    Padding // none
	IncludePad bool    // padding counts as zeros in a mean
}

func (p PoolConfig) window(x tensor.Shape) ops.WindowDims {
	stride := p.Stride
	if stride == nil {
		stride = p.Size
	}
	low, high := p.Padding.around(x, p.Size, stride, p.Dilation)
	return ops.WindowDims{
		Size: ops.List(p.Size...), Stride: ops.List(stride...), Dilation: ops.List(p.Dilation...),
		PadLow: ops.List(low...), PadHigh: ops.List(high...),
	}
}

// MaxPool keeps the largest value of each window and channel: [N spatial… C] →
// [N spatial… C].
type MaxPool struct{ PoolConfig }

// Forward implements Layer.
func (l MaxPool) Forward(_ *Ctx, x *graph.Node) *graph.Node {
	return ops.MaxPool(x, l.window(x.Shape()))
}

// AvgPool is the mean of each window and channel: [N spatial… C] →
// [N spatial… C]. Padding does not count unless asked for.
type AvgPool struct{ PoolConfig }

// Forward implements Layer.
func (l AvgPool) Forward(_ *Ctx, x *graph.Node) *graph.Node {
	return ops.AvgPool(x, l.window(x.Shape()), l.IncludePad)
}

// SumPool is the sum of each window and channel: [N spatial… C] → [N spatial… C].
type SumPool struct{ PoolConfig }

// Forward implements Layer.
func (l SumPool) Forward(_ *Ctx, x *graph.Node) *graph.Node {
	return ops.SumPool(x, l.window(x.Shape()))
}

func init() {
	Register(Spec{
		Name: "sum-pool",
		Doc:  "the sum of each window and channel",
		New: func(rng.Stream) Layer {
			return SumPool{PoolConfig{Size: []int{2, 1, 2}, Stride: []int{1, 2, 2}, Padding: Pad(0, 0, 1)}}
		},
		In:  tensor.F32(2, 3, 4, 3, 2),
		Out: tensor.F32(2, 2, 2, 2, 2),
	})
	Register(Spec{
		Name: "max-pool",
		Doc:  "the largest value of each window and channel",
		New: func(rng.Stream) Layer {
			return MaxPool{PoolConfig{Size: []int{3, 3}, Stride: []int{2, 2}, Padding: Pad(1, 1)}}
		},
		In:  tensor.F32(2, 5, 4, 3),
		Out: tensor.F32(2, 3, 2, 3),
	})
	Register(Spec{
		Name: "avg-pool",
		Doc:  "the mean of each window and channel",
		New:  func(rng.Stream) Layer { return AvgPool{PoolConfig{Size: []int{2, 2}, Padding: Padding{Same: true}}} },
		In:   tensor.F32(2, 5, 4, 3),
		Out:  tensor.F32(2, 3, 2, 3),
	})
}
