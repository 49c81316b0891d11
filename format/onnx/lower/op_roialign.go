package lower

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "RoiAlign", Since: []int64{10, 16, 22}, Rule: roiAlign})
}

// roiPool is the settings of a RoiAlign.
type roiPool struct {
	*Call
	size     [2]int // of the result: height, width
	samples  [2]int // in each bin at most
	adaptive bool   // their number follows from the size of the region
	scale    float64
	half     bool // pixels' centres lie at halves
}

// roiAlign: X [N C H W], regions [R 4] of corners x, y, x, y, and the image of
// each [R]. Bins of a region are sampled at points between pixels, and the samples
// averaged, or the largest product of pixel and weight taken. He et al., "Mask
// R-CNN", ICCV 2017.
func roiAlign(c *Call) {
	if c.Rank(0) != 4 || c.Shape(2).Rank() != 1 || c.Shape(1) != tensor.Dims(c.Shape(2).Dim(0), 4) {
		c.Fail("want images [N C H W], regions [R 4] and the image of each [R], got %v, %v, %v", c.Type(0), c.Type(1), c.Type(2))
	}
	p := roiPool{
		Call: c, scale: c.AttrFloat("spatial_scale", 1),
		size: [2]int{c.AttrInt("output_height", 1), c.AttrInt("output_width", 1)},
	}
	p.half = c.Opset() >= 16 && c.oneOfTwo("coordinate_transformation_mode", "half_pixel", "output_half_pixel")
	ratio := c.AttrInt("sampling_ratio", 0)
	c.windowSizes("output_height and output_width", p.size[:], 1, 2)
	c.windowSizes("sampling_ratio", []int{ratio}, 0, 1)
	p.samples = [2]int{ratio, ratio}
	if ratio == 0 {
		p.adaptive, p.samples = true, p.mostSamples()
		for a, n := range p.samples {
			if size := c.Shape(0).Dim(2 + a); n > mostLarger*(size/p.size[a]+1) {
				c.Fail("a region needs %d samples in each of %d bins along an axis of %d", n, p.size[a], size)
			}
		}
	}
	c.Dims(p.size[0], p.samples[0], p.size[1], p.samples[1])
	x := channelsLast(atLeastSingle(c.In(0)))
	xs := append([]*graph.Node{c.In(2)}, p.sampled(0, x)...)
	xs = append(xs, p.sampled(1, x)...)
	pool := p.largest
	if c.oneOfTwo("mode", "avg", "max") {
		pool = p.average
	}
	y := ops.MapOf(xs, func(in []*graph.Node) []*graph.Node {
		image := ops.Take(x, in[0], 0) // [H W C]
		return []*graph.Node{pool(image, in[1:7], in[7:])}
	})
	c.Return(ops.Convert(channelsSecond(y[0]), c.Type(0).DType))
}

// oneOfTwo says whether an attribute is the first of two texts, as it is if it is not
// there, or the second.
func (c *Call) oneOfTwo(name, first, second string) bool {
	s := c.AttrString(name, first)
	if s != first && s != second {
		c.Fail("attribute %q is %q, want %s or %s", name, s, first, second)
	}
	return s == first
}

// mostLarger is how many times larger than the image regions may be where their
// sizes say how often they are sampled.
const mostLarger = 64

// mostSamples is the most samples that a bin of any region has along each axis.
func (p roiPool) mostSamples() (most [2]int) {
	h := p.Call.hosted(func(in []Host) ([]Host, error) {
		rois, n := tensor.Widen(in[0].Tensor).F, [2]int64{1, 1}
		for i := 0; i+3 < len(rois); i += 4 {
			for a := range 2 {
				length := (rois[i+3-a] - rois[i+1-a]) * p.scale
				n[a] = max(n[a], int64(math.Ceil(min(max(length, 1)/float64(p.size[a]), farthest))))
			}
		}
		return []Host{TensorHost(tensor.From(tensor.Dims(2), n[:]))}, nil
	}, "the number of samples in a bin", 1)
	w := tensor.Widen(h.Tensor)
	return [2]int{int(w.I[0]), int(w.I[1])}
}

// sampled is where along an axis of x [N H W C] the regions are sampled, [R n]: the
// pixels below and above; their weights, which are 0 outside of the image; whether
// the bin has this sample. Then [R], 1 over a bin's number of samples, or 0.
func (p roiPool) sampled(axis int, x *graph.Node) []*graph.Node {
	corner := func(i int) *graph.Node {
		r := atLeastSingle(p.In(1))
		r = ops.Reshape(ops.Slice(r, []int{0, i}, []int{r.Shape().Dim(0), i + 1}, nil), tensor.Dims(r.Shape().Dim(0)))
		if r = ops.Scale(r, p.scale); p.half {
			r = ops.Sub(r, ops.Like(r, 0.5))
		}
		return r
	}
	start, end := corner(1-axis), corner(3-axis)
	length := ops.Sub(end, start)
	if !p.half {
		length = ops.Max(length, ops.Like(length, 1))
	}
	bin := ops.Div(length, ops.Like(length, float64(p.size[axis]))) // exact where it is whole, which Ceil needs
	count := ops.Like(bin, float64(p.samples[axis]))
	if p.adaptive {
		count = ops.Clamp(ops.Ceil(bin), 0, float64(p.samples[axis]))
	}
	s := p.Dims(bin.Shape().Dim(0), p.size[axis], p.samples[axis])
	over := func(n *graph.Node) *graph.Node { return ops.BroadcastInDim(n, s, 0) }
	step := func(a int) *graph.Node { return ops.Iota(p.Graph(), tensor.Type{DType: bin.DType(), Shape: s}, a) }
	within := ops.Div(ops.Add(step(2), ops.Like(step(2), 0.5)), over(ops.Max(count, ops.Like(count, 1))))
	at := ops.Add(over(start), ops.Mul(over(bin), ops.Add(step(1), within)))
	size := x.Shape().Dim(1 + axis)
	used := ops.Lt(step(2), over(count))
	inside := ops.And(ops.Ge(at, ops.Like(at, -1)), ops.Le(at, ops.Like(at, float64(size))))
	low, high, part := between(at, size)
	rows := tensor.Dims(s.Dim(0), s.Dim(1)*s.Dim(2))
	flat := func(n *graph.Node) *graph.Node { return ops.Reshape(n, rows) }
	weight := ops.Convert(ops.And(used, inside), x.DType())
	part = ops.Convert(part, x.DType())
	share := ops.Div(ops.Convert(ops.Gt(count, ops.Like(count, 0)), count.DType()), ops.Max(count, ops.Like(count, 1)))
	return []*graph.Node{
		flat(low), flat(high), flat(ops.Mul(ops.Sub(ops.Like(part, 1), part), weight)), flat(ops.Mul(part, weight)),
		flat(used), ops.Convert(share, x.DType()),
	}
}

// average pools the samples of a region of image [H W C] to [height width C].
func (p roiPool) average(image *graph.Node, y, x []*graph.Node) *graph.Node {
	pixels := mixed(mixed(image, y, 0), x, 1)
	s := tensor.Dims(p.size[0], p.samples[0], p.size[1], p.samples[1], image.Shape().Dim(2))
	sum := ops.ReduceSum(ops.Reshape(pixels, s), 1, 3)
	return ops.Mul(sum, ops.Mul(y[5], x[5]))
}

// mixed is the elements of x between places along an axis.
func mixed(x *graph.Node, between []*graph.Node, axis int) *graph.Node {
	part := func(i int) *graph.Node {
		y := ops.Take(x, between[i], axis)
		return ops.Mul(y, ops.BroadcastInDim(between[2+i], y.Shape(), axis))
	}
	return ops.Add(part(0), part(1))
}

// largest is average with the largest product of a pixel and its weight.
func (p roiPool) largest(image *graph.Node, y, x []*graph.Node) *graph.Node {
	var pixels *graph.Node
	for i := range 4 {
		a, b := i/2, i%2
		v := ops.Take(ops.Take(image, y[a], 0), x[b], 1)
		v = ops.Mul(v, ops.Mul(ops.BroadcastInDim(y[2+a], v.Shape(), 0), ops.BroadcastInDim(x[2+b], v.Shape(), 1)))
		if pixels == nil {
			pixels = v
		} else {
			pixels = ops.Max(pixels, v)
		}
	}
	s := pixels.Shape()
	used := ops.And(ops.BroadcastInDim(y[4], s, 0), ops.BroadcastInDim(x[4], s, 1))
	pixels = ops.Select(used, pixels, ops.Like(pixels, math.Inf(-1)))
	bins := tensor.Dims(p.size[0], p.samples[0], p.size[1], p.samples[1], s.Dim(2))
	top := ops.ReduceMax(ops.Reshape(pixels, bins), 1, 3)
	none := ops.Eq(ops.Mul(y[5], x[5]), ops.Like(y[5], 0))
	return ops.Select(ops.BroadcastInDim(none, top.Shape()), ops.Like(top, 0), top)
}

// between is the places below and above at along an axis of size places, and how
// far behind the lower one it lies; beyond the ends it is at the end.
func between(at *graph.Node, size int) (low, high, part *graph.Node) {
	at = ops.Clamp(at, 0, float64(max(size-1, 0)))
	below := ops.Floor(at)
	low = ops.Convert(below, tensor.Int32)
	high = ops.Min(ops.Add(low, ops.Like(low, 1)), ops.Like(low, float64(max(size-1, 0))))
	return low, high, ops.Sub(at, below)
}
