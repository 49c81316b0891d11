package nn

import (
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// NewDepthwise draws multiplier filters for each of the channels, which do not
// mix: [N spatial… C] → [N spatial… C·multiplier]. config.Groups is not looked at.
// Howard et al., "MobileNets", 2017, section 3.1.
func NewDepthwise(r rng.Stream, channels, multiplier int, config ConvConfig) *Conv {
	config.Groups = channels
	return NewConv(r, channels, channels*multiplier, config)
}

func init() {
	Register(Spec{
		Name: "depthwise",
		Doc:  "filters of each channel apart",
		Cite: "Howard et al., 2017",
		New: func(r rng.Stream) Layer {
			return NewDepthwise(r, 3, 2, ConvConfig{Size: []int{3, 3}, Stride: []int{2, 1}, Padding: Padding{Same: true}})
		},
		In:  tensor.F32(2, 5, 4, 3),
		Out: tensor.F32(2, 3, 4, 6),
	})
	Register(Spec{
		Name: "conv-1d",
		Doc:  "filters that slide over sequences",
		Cite: "Waibel et al., 1989",
		New: func(r rng.Stream) Layer {
			return NewConv(r, 3, 5, ConvConfig{Size: []int{3}, Dilation: []int{2}, Padding: Padding{Same: true}})
		},
		In:  tensor.F32(2, 7, 3),
		Out: tensor.F32(2, 7, 5),
	})
	Register(Spec{
		Name: "conv-3d",
		Doc:  "filters that slide over volumes and films",
		Cite: "Tran et al., 2015",
		New: func(r rng.Stream) Layer {
			return NewConv(r, 2, 3, ConvConfig{Size: []int{2, 3, 3}, Stride: []int{1, 2, 1}, Padding: Pad(0, 1, 1)})
		},
		In:  tensor.F32(2, 3, 4, 3, 2),
		Out: tensor.F32(2, 2, 2, 3, 3),
	})
}
