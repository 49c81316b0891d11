package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "MaxPool", Since: []int64{1, 8, 10, 11, 12, 22}, Rule: maxPool})
}

func maxPool(c *Call) {
	w, _ := c.poolWindows()
	x := c.In(0)
	d := x.DType()
	if !d.Float() {
		x = ops.Convert(x, tensor.Float32) // bytes are exact
	}
	x = channelsLast(x)
	y := ops.Convert(channelsSecond(ops.MaxPool(x, w.pool())), d)
	if !c.Wants(1) {
		c.Return(y)
		return
	}
	c.Return(y, c.maxPlaces(x, w, c.AttrBool("storage_order", false)))
}

// poolWindows is the windows of pooling of operand 0, with the padding that
// windows need that hang over, and how wide the padding is that counts.
func (c *Call) poolWindows() (w windows, high []int) {
	if c.Rank(0) < 3 {
		c.Fail("want [N C spatial…], got %v", c.Type(0))
	}
	size := c.AttrInts("kernel_shape")
	given := c.windows(c.Shape(0).Dims()[2:], size)
	w, _ = c.overhanging(given, c.AttrBool("ceil_mode", false))
	return w, given.high
}

// maxPlaces is where in the tensor [N C spatial…] the first maximum of each
// window of x [N spatial… C] lies; columns are next to each other in place of
// rows if byColumn.
func (c *Call) maxPlaces(x *graph.Node, w windows, byColumn bool) *graph.Node {
	dims := x.Shape().Dims()
	spatial, channels := dims[1:len(dims)-1], dims[len(dims)-1]
	plane := tensor.Dims(spatial...).Size()
	d := tensor.Float32
	if plane > 1<<24 || x.DType() == tensor.Float64 {
		d = tensor.Float64
	}
	x = ops.Convert(x, d)
	at := tensor.NewWide(tensor.Type{DType: d, Shape: tensor.Dims(spatial...)})
	eachPlace(spatial, func(i int, place []int) { at.F[i] = float64(flatPlace(place, spatial, byColumn)) })
	var axes []int
	for i := range spatial {
		axes = append(axes, 1+i)
	}
	places := ops.BroadcastInDim(c.Graph().Constant(at.Narrow()), x.Shape(), axes...)
	within := channelsSecond(ops.Convert(ops.SelectGather(x, places, w.pool()), tensor.Int64))
	planes := tensor.Type{DType: tensor.Int64, Shape: c.Dims(dims[0], channels)}
	first := ops.Iota(c.Graph(), tensor.Type{DType: tensor.Int64, Shape: tensor.Dims(planes.Shape.Size())}, 0)
	first = ops.Mul(first, ops.Like(first, float64(plane)))
	return ops.Add(within, ops.BroadcastInDim(ops.Reshape(first, planes.Shape), within.Shape(), 0, 1))
}

// eachPlace calls do for the places of a shape in row-major order.
func eachPlace(dims []int, do func(i int, place []int)) {
	n := tensor.Dims(dims...).Size()
	place := make([]int, len(dims))
	for i := range n {
		do(i, place)
		for a := len(dims) - 1; a >= 0; a-- {
			if place[a]++; place[a] < dims[a] {
				break
			}
			place[a] = 0
		}
	}
}

// flatPlace numbers a place, the last axis running fastest, or the first.
func flatPlace(place, dims []int, byColumn bool) int {
	n := 0
	for i := range place {
		a := i
		if byColumn {
			a = len(place) - 1 - i
		}
		n = n*dims[a] + place[a]
	}
	return n
}
