package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Conv slides filters over one to three spatial axes: [N spatial… C] →
// [N spatial… K]. LeCun et al., "Backpropagation Applied to Handwritten Zip Code
// Recognition", 1989.
type Conv struct {
	Weight *Param // [spatial… C/groups K]
	Bias   *Param // [K], nil for none
	Config ConvConfig
}

// ConvConfig says what a convolution's filters are and how they slide. A nil
// list means the value in its comment, along each axis.
type ConvConfig struct {
	Size     []int // of the filter, along each spatial axis; needed
	Stride   []int // 1
	Dilation []int // 1: distance between neighbours in the filter
	Groups   int   // 1: channels are cut into so many parts that do not mix
	NoBias   bool  // there is no bias
	Padding  Padding
	Init     Init // KaimingNormal
}

// Padding is how many zeros (for pooling: places that do not count) surround
// the input along each spatial axis. The zero Padding is none.
type Padding struct {
	// Same pads so that the output is as large as the input divided by the
	// stride, rounded up; where the number is odd, one more at the high end.
	Same      bool
	Low, High []int // otherwise
}

// Pad is the same padding at both ends of each axis.
func Pad(n ...int) Padding { return Padding{Low: n, High: n} }

// NewConv draws filters from in to out channels; the bias is zero. A layer
// before batch normalisation needs none.
func NewConv(r rng.Stream, in, out int, config ConvConfig) *Conv {
	draw := config.Init
	if draw == nil {
		draw = KaimingNormal
	}
	shape := append(append([]int{}, config.Size...), in/max(config.Groups, 1), out)
	l := &Conv{Weight: draw(r.Split("weight"), tensor.Dims(shape...)), Config: config}
	if !config.NoBias {
		l.Bias = noDecay(Zeros(r, tensor.Dims(out)))
	}
	return l
}

// Forward implements Layer: [N spatial… C] → [N spatial… K].
func (l *Conv) Forward(c *Ctx, x *graph.Node) *graph.Node {
	o := l.Config
	low, high := o.Padding.around(x.Shape(), o.Size, o.Stride, o.Dilation)
	return ops.Conv(x, c.Param(l.Weight), c.optional(l.Bias), ops.ConvDims{
		Stride: ops.List(o.Stride...), Dilation: ops.List(o.Dilation...),
		PadLow: ops.List(low...), PadHigh: ops.List(high...), Groups: o.Groups,
	})
}

// around is the padding along each spatial axis of x [N spatial… C] for a
// window of that size. A window of another number of axes than x is left to the
// operation to refuse.
func (p Padding) around(x tensor.Shape, size, stride, dilation []int) (low, high []int) {
	if !p.Same || x.Rank() != len(size)+2 {
		return p.Low, p.High
	}
	for i, k := range size {
		in, step := x.Dim(1+i), max(at(stride, i), 1)
		reach := (k-1)*at(dilation, i) + 1
		total := max((in-1)/step*step+reach-in, 0)
		low, high = append(low, total/2), append(high, total-total/2)
	}
	return low, high
}

// at is element i of a list, 1 if there is none.
func at(list []int, i int) int {
	if i < len(list) {
		return list[i]
	}
	return 1
}

func init() {
	Register(Spec{
		Name: "conv",
		Doc:  "filters that slide over 1 to 3 spatial axes",
		Cite: "LeCun et al., 1989",
		New: func(r rng.Stream) Layer {
			return NewConv(r, 4, 6, ConvConfig{Size: []int{3, 2}, Stride: []int{2, 1}, Groups: 2, Padding: Padding{Same: true}})
		},
		In:  tensor.F32(2, 5, 4, 4),
		Out: tensor.F32(2, 3, 4, 6),
	})
}
