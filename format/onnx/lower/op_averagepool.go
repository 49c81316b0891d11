package lower

import (
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "AveragePool", Since: []int64{1, 7, 10, 11, 19, 22}, Rule: averagePool})
}

func averagePool(c *Call) {
	w, high := c.poolWindows()
	padded := c.AttrBool("count_include_pad", false)
	c.Return(inFloat32(c.In(0), func(x *graph.Node) *graph.Node {
		x = channelsLast(x)
		if !padded || slices.Equal(high, w.high) {
			return channelsSecond(ops.AvgPool(x, w.pool(), padded))
		}
		// What hangs over the padding does not count.
		y := ops.SumPool(x, w.pool())
		for i := range w.in {
			y = ops.Mul(y, c.windowShares(w, high, i, y))
		}
		return channelsSecond(y)
	}))
}

// windowShares is, for each window along spatial axis i, one over the number of places
// of it that lie on the input or on padding that is high at the high end.
func (c *Call) windowShares(w windows, high []int, i int, y *graph.Node) *graph.Node {
	out := y.Shape().Dim(1 + i)
	share := tensor.NewWide(tensor.Type{DType: y.DType(), Shape: tensor.Dims(out)})
	for o := range out {
		room := w.low[i] + w.in[i] + high[i] - o*w.stride[i]
		inside := min(w.size[i], (room+w.dilation[i]-1)/w.dilation[i])
		share.F[o] = 1 / float64(max(inside, 1))
	}
	return ops.BroadcastInDim(c.Graph().Constant(share.Narrow()), y.Shape(), 1+i)
}
