package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "DeformConv", Since: []int64{19, 22}, Rule: deformConv})
}

// deformConv is a convolution each of whose taps lies where the offsets say, and
// counts as the mask says: X [N C spatial…], W [M C/group taps…], offset [N
// offset_group·taps·axes out…], B [M], mask [N offset_group·taps out…]. Dai et al.,
// "Deformable Convolutional Networks", ICCV 2017; Zhu et al., "Deformable ConvNets
// v2", CVPR 2019.
func deformConv(c *Call) {
	w, groups := c.convWindows(0, 1)
	c.sameChannels(0, 1, groups)
	full, out := c.overhanging(w, false)
	d := deformed{Call: c, w: full, out: out, taps: tensor.Dims(w.size...), places: c.Dims(out...)}
	d.parts = c.AttrInt("offset_group", 1)
	d.check()
	if c.Shape(0).Dim(0) == 0 {
		c.returnZeros(append([]int{0, c.Shape(1).Dim(0)}, out...)...)
		return
	}
	columns := d.columns() // [N out C taps]
	s, filters := columns.Shape(), atLeastSingle(c.In(1))
	m := filters.Shape().Dim(0)
	columns = ops.Reshape(columns, tensor.Dims(s.Dim(0), s.Dim(1), groups, s.Dim(2)/groups, s.Dim(3)))
	filters = ops.Reshape(filters, tensor.Dims(groups, m/groups, s.Dim(2)/groups, s.Dim(3)))
	y := ops.DotGeneral(filters, columns, ops.DotDims{
		BatchA: ops.List(0), BatchB: ops.List(2), ContractA: ops.List(2, 3), ContractB: ops.List(3, 4),
	}) // [group M/group N out]
	y = ops.Reshape(ops.Transpose(y, 2, 0, 1, 3), tensor.Dims(append([]int{s.Dim(0), m}, out...)...))
	if bias := c.InOr(3); bias != nil {
		y = ops.Add(y, ops.BroadcastInDim(ops.Convert(bias, y.DType()), y.Shape(), 1))
	}
	c.Return(ops.Convert(y, c.Type(0).DType))
}

// deformed is the windows of a deformed convolution.
type deformed struct {
	*Call
	w            windows
	out          []int
	parts        int // of the channels, each with offsets of its own
	taps, places tensor.Shape
}

// check asks for operands that fit.
func (d deformed) check() {
	s := d.Shape(0)
	if d.parts < 1 || s.Dim(1)%d.parts != 0 {
		d.Fail("%d groups of offsets for %d channels", d.parts, s.Dim(1))
	}
	want := append([]int{s.Dim(0), d.parts * d.taps.Size() * d.taps.Rank()}, d.out...)
	if d.Shape(2) != d.Dims(want...) {
		d.Fail("the offsets are %v, want %v", d.Type(2), want)
	}
	want[1] = d.parts * d.taps.Size()
	if d.Has(4) && d.Shape(4) != d.Dims(want...) {
		d.Fail("the mask is %v, want %v", d.Type(4), want)
	}
}

// columns is what the taps of each window see: [N out C taps].
func (d deformed) columns() *graph.Node {
	n, channels, window := d.Shape(0).Dim(0), d.Shape(0).Dim(1), d.taps.Size()
	each := tensor.Dims(n, d.parts, window, d.places.Size())
	offset := ops.Reshape(atLeastSingle(d.In(2)), tensor.Dims(n, d.parts, window, d.taps.Rank(), d.places.Size()))
	var at []taps
	for i := range d.w.in {
		start, limit := make([]int, 5), offset.Shape().Dims()
		start[3], limit[3] = i, i+1
		moved := ops.Reshape(ops.Slice(offset, start, limit, nil), each)
		place := ops.Add(moved, ops.BroadcastInDim(d.undeformed(i, moved.DType()), each, 2, 3))
		at = append(at, linearTaps(place).within(d.w.in[i]))
	}
	x := channelsLast(atLeastSingle(d.In(0)))
	x = ops.Reshape(x, tensor.Dims(n, tensor.Dims(d.w.in...).Size(), d.parts, channels/d.parts))
	y := sampled(x, at, d.w.in) // [N parts taps out C/parts]
	if d.Has(4) {
		y = ops.Mul(y, ops.BroadcastInDim(ops.Reshape(ops.Convert(d.In(4), y.DType()), each), y.Shape(), 0, 1, 2, 3))
	}
	return ops.Reshape(ops.Transpose(y, 0, 3, 1, 4, 2), d.Dims(n, d.places.Size(), channels, window))
}

// undeformed is where along spatial axis i the taps lie without offsets: [taps
// places].
func (d deformed) undeformed(i int, t tensor.DType) *graph.Node {
	w := tensor.NewWide(tensor.Type{DType: t, Shape: d.Dims(d.taps.Size(), d.places.Size())})
	eachPlace(d.w.size, func(k int, tap []int) {
		eachPlace(d.out, func(o int, place []int) {
			w.F[k*d.places.Size()+o] = float64(place[i]*d.w.stride[i] + tap[i]*d.w.dilation[i] - d.w.low[i])
		})
	})
	return d.Graph().Constant(w.Narrow())
}
