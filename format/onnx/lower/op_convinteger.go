package lower

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "ConvInteger", Since: []int64{10}, Rule: convInteger})
	register(Operator{Name: "QLinearConv", Since: []int64{10}, Rule: qLinearConv})
}

// convInteger: X [N C spatial…], W [M C/group taps…], the zero point of X, and those
// of W, one or [M].
func convInteger(c *Call) {
	v := c.integerConv(0, 1, 2, 3)
	sum, _ := v.sum()
	c.Return(channelsSecond(exactInt32(sum)))
}

// qLinearConv: X, W and Y each with a scale and a zero point, of W one or [M], and
// a bias [M] of int32 in units of both scales.
func qLinearConv(c *Call) {
	c.isByte(7)
	v := c.integerConv(0, 3, 2, 5)
	one := func(i int) *graph.Node {
		if c.Shape(i).Size() == 1 {
			return ops.Reshape(c.In(i), tensor.Dims())
		}
		return c.In(i)
	}
	scale := ops.Div(ops.Mul(one(1), one(4)), one(6))
	var bias *graph.Node
	if c.Has(8) {
		c.wantShape(8, c.Shape(3).Dim(0))
		bias = c.In(8)
	}
	if v.pointwise() {
		x, w, zero := v.asProduct()
		if y := c.byteProduct(x, w, v.zeroX, zero, bias, scale, 7); y != nil {
			c.Return(channelsSecond(y))
			return
		}
	}
	sum, most := v.sum()
	switch {
	case bias == nil:
	case sum.DType() != tensor.Float64 && most+c.farthestOf(8) <= exactSum:
		sum = ops.Add(ops.Convert(sum, tensor.Float32), ops.Convert(bias, tensor.Float32))
	default:
		sum = ops.Add(exactInt32(sum), bias)
	}
	c.Return(channelsSecond(c.requantized(c.single(sum), scale, 7, asColumns)))
}

// farthestOf is the largest magnitude in operand i, whole numbers, ∞ if they are not
// known.
func (c *Call) farthestOf(i int) float64 {
	t, known := c.Known(i)
	if !known {
		return math.Inf(1)
	}
	most := 0.0
	for _, v := range tensor.Widen(t).I {
		most = max(most, math.Abs(float64(v)))
	}
	return most
}

// integerConv is a convolution of bytes whose sums are to be exact.
type integerConv struct {
	*Call
	xAt, wAt     int
	windows      windows
	groups       int
	zeroX, zeroW zeroPoint
}

// integerConv reads a convolution of the operands x and w with their zero points.
func (c *Call) integerConv(x, w, zeroX, zeroW int) integerConv {
	c.isByte(x, w)
	v := integerConv{Call: c, xAt: x, wAt: w}
	v.windows, v.groups = c.convWindows(x, w)
	c.sameChannels(x, w, v.groups)
	filters := func(n int) tensor.Shape {
		dims := make([]int, c.Rank(w))
		for i := range dims {
			dims[i] = 1
		}
		dims[0] = n
		return tensor.Dims(dims...)
	}
	v.zeroX, v.zeroW = c.zeroPoint(zeroX, asColumns), c.zeroPoint(zeroW, filters)
	return v
}

// sum is the convolution, [N out… M]: float32 or float64 where these hold all sums,
// the largest of which is most; int32 otherwise.
func (v integerConv) sum() (y *graph.Node, most float64) {
	cuts, most := v.cuts()
	if v.pointwise() {
		x, w, zero := v.asProduct()
		return integerProduct(x, w, v.zeroX, zero), most
	}
	if cuts == nil {
		return v.conv(tensor.Float64, 0, v.Shape(v.wAt).Dim(1)), most
	}
	if len(cuts) == 1 {
		return v.conv(tensor.Float32, 0, cuts[0]), most
	}
	from := 0
	for _, to := range cuts {
		part := ops.Convert(v.conv(tensor.Float32, from, to), tensor.Int32)
		if from = to; y == nil {
			y = part
		} else {
			y = ops.Add(y, part)
		}
	}
	return y, most
}

// pointwise says whether the convolution is a product with a matrix.
func (v integerConv) pointwise() bool {
	one := v.groups == 1
	for i := range v.windows.in {
		one = one && v.windows.size[i] == 1 && v.windows.low[i] == 0 && v.windows.high[i] == 0
	}
	return one
}

// asProduct is the operands of a pointwise convolution as those of a product, and the
// zero point of the second.
func (v integerConv) asProduct() (x, w *graph.Node, zero zeroPoint) {
	x, w, zero = channelsLast(v.In(v.xAt)), v.In(v.wAt), v.zeroW
	start, stride := make([]int, x.Shape().Rank()), append(append([]int{1}, v.windows.stride...), 1)
	x = ops.Slice(x, start, x.Shape().Dims(), stride)
	m := w.Shape().Dim(0)
	if zero.node != nil && zero.node.Shape().Rank() > 0 {
		zero.node = ops.Reshape(zero.node, tensor.Dims(m))
	}
	return x, ops.Transpose(ops.Reshape(w, tensor.Dims(m, w.Shape().Dim(1))), 1, 0), zero
}

// conv is the convolution over the channels of a group from one place to another.
func (v integerConv) conv(d tensor.DType, from, to int) *graph.Node {
	x, w := centred(v.In(v.xAt), v.zeroX, d), centred(v.In(v.wAt), v.zeroW, d)
	if v.groups == 1 {
		x, w = part(x, 1, from, to), part(w, 1, from, to)
	}
	return ops.Conv(channelsLast(x), tapsFirst(w), nil, v.windows.conv(v.groups))
}

// cuts is where the channels of a group end in parts whose sums float32 holds, and
// the largest sum of all; nil if there are no such parts.
func (v integerConv) cuts() (cuts []int, most float64) {
	far, weights := v.farFrom(v.xAt, v.zeroX), v.magnitudes()
	sums, all := make([]float64, len(weights)), make([]float64, len(weights))
	channels := v.Shape(v.wAt).Dim(1)
	for ch := range channels {
		over := false
		for m := range weights {
			all[m] += far * weights[m][ch]
			if sums[m] += far * weights[m][ch]; sums[m] > exactSum {
				over = true
			}
			most = max(most, all[m])
		}
		if !over {
			continue
		}
		if ch > 0 && (len(cuts) == 0 || cuts[len(cuts)-1] < ch) {
			cuts = append(cuts, ch)
		}
		for m := range weights {
			if sums[m] = far * weights[m][ch]; sums[m] > exactSum {
				return nil, most
			}
		}
	}
	cuts = append(cuts, channels)
	if len(cuts) > 1 && v.groups > 1 {
		return nil, most
	}
	return cuts, most
}

// magnitudes is, for each filter and channel, the sum over the taps of the weights'
// distances from their zero point; of unknown weights the largest that may be, for
// one filter.
func (v integerConv) magnitudes() [][]float64 {
	s := v.Shape(v.wAt)
	channels, taps := s.Dim(1), tensor.Dims(s.Dims()[2:]...).Size()
	t, known := v.Known(v.wAt)
	if !known || v.zeroW.node != nil {
		all := make([]float64, channels)
		for i := range all {
			all[i] = float64(taps) * v.farFrom(v.wAt, v.zeroW)
		}
		return [][]float64{all}
	}
	w := tensor.Widen(t).I
	all := make([][]float64, s.Dim(0))
	for m := range all {
		all[m] = make([]float64, channels)
		for ch := range channels {
			for _, x := range w[(m*channels+ch)*taps:][:taps] {
				all[m][ch] += math.Abs(float64(x) - float64(v.zeroW.known))
			}
		}
	}
	return all
}
