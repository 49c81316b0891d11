package lower

import (
	"math"
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Resize", Since: []int64{10, 11, 13, 18, 19}, Rule: resize})
	register(Operator{Name: "Upsample", Since: []int64{1, 7, 9, 10}, Rule: upsample})
}

// resized is how one axis is resized.
type resized struct {
	axis, in, out int
	scale         float32 // out over in, about
	wide          float64 // out before it was made whole
	start, end    float64 // of the region of a crop, in parts of the axis
}

// resizing is the settings of a resize.
type resizing struct {
	mode, nearest, coordinates string
	cubic                      float64
	antialias, exclude         bool
	beyond                     float64 // the value outside of a crop
	axes                       []resized
}

// upsample: X, and scales for all axes; in opset 1 attributes for height and width.
func upsample(c *Call) {
	r := resizing{mode: c.AttrString("mode", "nearest"), nearest: "floor", coordinates: "asymmetric"}
	var scales []float64
	switch {
	case c.Opset() < 7:
		if c.Rank(0) != 4 {
			c.Fail("want [N C H W], got %v", c.Type(0))
		}
		scales = []float64{1, 1, c.AttrFloat("height_scale", 0), c.AttrFloat("width_scale", 0)}
	case c.Opset() < 9:
		scales = c.AttrFloats("scales")
	default:
		scales = c.Floats(1)
	}
	r.scaled(c, scales, upTo(c.Rank(0)))
	c.Return(r.apply(c, c.In(0)))
}

// resize: X, then scales for all axes in opset 10, and region, scales and sizes for
// axes that may be named from opset 11 on.
func resize(c *Call) {
	if c.Opset() < 11 {
		r := resizing{mode: c.AttrString("mode", "nearest"), nearest: "simple", coordinates: "asymmetric"}
		r.scaled(c, c.Floats(1), upTo(c.Rank(0)))
		c.Return(r.apply(c, c.In(0)))
		return
	}
	r := resizing{
		mode: c.AttrString("mode", "nearest"), nearest: c.AttrString("nearest_mode", "round_prefer_floor"),
		coordinates: c.AttrString("coordinate_transformation_mode", "half_pixel"), cubic: c.AttrFloat("cubic_coeff_a", -0.75),
		antialias: c.AttrBool("antialias", false), exclude: c.AttrBool("exclude_outside", false),
		beyond: c.AttrFloat("extrapolation_value", 0),
	}
	axes := upTo(c.Rank(0))
	if named := c.AttrInts("axes"); named != nil {
		axes = c.Axes(named, c.Rank(0))
	}
	scales, sizes := c.Has(2) && c.Shape(2).Size() > 0, c.Has(3) && c.Shape(3).Size() > 0
	switch {
	case scales == sizes && len(axes) > 0:
		c.Fail("want either scales or sizes")
	case scales:
		r.scaled(c, c.Floats(2), axes)
	case sizes:
		r.sized(c, c.Ints(3), axes)
	}
	r.region(c)
	c.Return(r.apply(c, c.In(0)))
}

// scaled sets the axes by scales: sizes are products, rounded down.
func (r *resizing) scaled(c *Call, scales []float64, axes []int) {
	if len(scales) != len(axes) {
		c.Fail("%d scales for %d axes", len(scales), len(axes))
	}
	for i, a := range axes {
		in, s := c.Shape(0).Dim(a), float32(scales[i])
		out := float32(in) * s
		if !(s > 0) || out > farthest {
			c.Fail("axis %d of size %d cannot be scaled by %v", a, in, s)
		}
		r.axes = append(r.axes, resized{axis: a, in: in, out: int(out), scale: s, wide: float64(s) * float64(in)})
	}
}

// sized sets the axes by sizes, which where the aspect ratio is kept are bounds.
func (r *resizing) sized(c *Call, sizes []int, axes []int) {
	if len(sizes) != len(axes) {
		c.Fail("%d sizes for %d axes", len(sizes), len(axes))
	}
	var scales []float32
	for i, a := range axes {
		in := c.Shape(0).Dim(a)
		if sizes[i] < 0 || sizes[i] > farthest || in == 0 && sizes[i] > 0 {
			c.Fail("axis %d of size %d cannot be resized to %d", a, in, sizes[i])
		}
		scales = append(scales, float32(sizes[i])/float32(max(in, 1)))
		r.axes = append(r.axes, resized{axis: a, in: in, out: sizes[i], scale: scales[i], wide: float64(sizes[i])})
	}
	policy := c.AttrString("keep_aspect_ratio_policy", "stretch")
	var scale float32
	switch {
	case policy == "stretch" || len(scales) == 0:
		return
	case policy == "not_larger":
		scale = slices.Min(scales)
	case policy == "not_smaller":
		scale = slices.Max(scales)
	default:
		c.Fail("attribute \"keep_aspect_ratio_policy\" is %q, want stretch, not_larger or not_smaller", policy)
	}
	for i := range r.axes {
		x := &r.axes[i]
		x.scale, x.wide = scale, float64(scale)*float64(x.in)
		x.out = int(math.Floor(float64(scale*float32(x.in)) + 0.5))
	}
}

// region reads the region of a crop.
func (r *resizing) region(c *Call) {
	if r.coordinates != "tf_crop_and_resize" {
		return
	}
	roi := c.Floats(1)
	if len(roi) != 2*len(r.axes) {
		c.Fail("the region has %d numbers, want two for each of %d axes", len(roi), len(r.axes))
	}
	for i := range r.axes {
		r.axes[i].start, r.axes[i].end = roi[i], roi[len(r.axes)+i]
	}
}

// apply resizes x, axes that shrink most first. Numbers are computed as float32 and
// integers rounded; nearest places are moved as they are.
func (r *resizing) apply(c *Call, x *graph.Node) *graph.Node {
	s := x.Shape()
	var steps []resampling
	var axes []resized
	for _, a := range r.axes {
		if s = s.With(a.axis, a.out); a.out != a.in || r.coordinates == "tf_crop_and_resize" {
			steps, axes = append(steps, nil), append(axes, a)
		}
	}
	c.Dims(s.Dims()...)
	if len(axes) == 0 {
		return x
	}
	slices.SortStableFunc(axes, func(a, b resized) int { return a.out*b.in - b.out*a.in })
	for i, a := range axes {
		steps[i] = r.pulls(c, a)
	}
	d := x.DType()
	last := channelled(axes, s.Rank())
	return c.named1("resize", x, func(y *graph.Node) *graph.Node {
		if r.mode != "nearest" && (!d.Float() || d.Bits() < 32) {
			y = c.single(y)
		}
		if last {
			y = channelsLast(y)
		}
		for i, a := range axes {
			at := a.axis
			if last {
				at--
			}
			y = steps[i].apply(y, at)
			y = r.outside(y, a, at)
		}
		if last {
			y = channelsSecond(y)
		}
		if !d.Float() && y.DType() != d {
			return saturated(ops.Round(y), d)
		}
		return ops.Convert(y, d)
	})
}

// channelled says whether all axes are spatial ones, so that channels may go last.
func channelled(axes []resized, rank int) bool {
	for _, a := range axes {
		if a.axis < 2 {
			return false
		}
	}
	return rank > 2
}

// pulls is what the places of a resized axis are made of.
func (r *resizing) pulls(c *Call, a resized) resampling {
	if a.out == 0 || a.in == 0 {
		return nil
	}
	shrink, table := 1.0, a.out
	if r.antialias {
		shrink, table = min(1, float64(a.scale)), max(a.in, a.out)
	}
	c.small(tensor.Type{Shape: c.Dims(table)})
	var y resampling
	switch r.mode {
	case "nearest":
		return nearestPulls(r.places(c, a), a.in)
	case "linear", "bilinear":
		y = filterPulls(r.positions(c, a), a.in, triangle, 1, shrink, r.exclude)
	case "cubic":
		y = filterPulls(r.positions(c, a), a.in, keys(r.cubic), 2, shrink, r.exclude)
	default:
		c.Fail("attribute \"mode\" is %q, want nearest, linear or cubic", r.mode)
	}
	if n := y.looks(); n > maxLooks && a.in > maxMatrix/a.out {
		c.Fail("axis %d of size %d cannot be resized to %d: each place is a sum of %d", a.axis, a.in, a.out, n)
	}
	return y
}

// maxLooks is how many places are looked up for one where a matrix would be too large.
const maxLooks = 1 << 12

// positions is where the places of a lie in the axis as it was.
func (r *resizing) positions(c *Call, a resized) []float64 {
	at := make([]float64, a.out)
	for o := range at {
		x, ok := position(r.coordinates, a, float64(o))
		if !ok {
			c.Fail("attribute \"coordinate_transformation_mode\" is %q, which is none of the standard's", r.coordinates)
		}
		at[o] = x
	}
	return at
}

// position is where place o of a lies in the axis as it was, in the arithmetic of F.
func position[F float32 | float64](coordinates string, a resized, o F) (x F, ok bool) {
	in, out, scale, wide := F(a.in), F(a.out), F(a.scale), F(a.wide)
	switch coordinates {
	case "half_pixel":
		return (o+0.5)/scale - 0.5, true
	case "half_pixel_symmetric":
		return in/2*(1-out/wide) + (o+0.5)/scale - 0.5, true
	case "pytorch_half_pixel":
		if a.out == 1 {
			return 0, true
		}
		return (o+0.5)/scale - 0.5, true
	case "align_corners":
		if o == 0 {
			return 0, true
		}
		return o * (in - 1) / (wide - 1), true
	case "asymmetric":
		return o / scale, true
	case "tf_half_pixel_for_nn":
		return (o + 0.5) / scale, true
	case "tf_crop_and_resize":
		return cropped(a, o), true
	}
	return 0, false
}

// cropped is position for a crop.
func cropped[F float32 | float64](a resized, o F) F {
	start, end, far := F(a.start), F(a.end), F(a.in-1)
	if a.out > 1 {
		return start*far + o*(end-start)*far/(F(a.wide)-1)
	}
	return 0.5 * (start + end) * far
}

// places is the positions as whole ones. They are computed in float32, as others do:
// what is a tie depends on it.
func (r *resizing) places(c *Call, a resized) []int {
	at := make([]int, a.out)
	for o := range at {
		single, ok := position(r.coordinates, a, float32(o))
		x := float64(single)
		switch r.nearest {
		case "round_prefer_floor":
			x = math.Ceil(x - 0.5)
		case "round_prefer_ceil":
			x = math.Floor(x + 0.5)
		case "floor":
			x = math.Floor(x)
		case "ceil":
			x = math.Ceil(x)
		case "simple": // of opset 10
			if x = math.Floor(x); a.scale < 1 {
				x = math.Ceil(float64(single))
			}
		default:
			c.Fail("attribute \"nearest_mode\" is %q, which is none of the standard's", r.nearest)
		}
		if at[o] = int(x); !ok {
			c.Fail("attribute \"coordinate_transformation_mode\" is %q, which is none of the standard's", r.coordinates)
		}
	}
	return at
}

// outside puts the value of what lies outside of a crop where it does.
func (r *resizing) outside(y *graph.Node, a resized, axis int) *graph.Node {
	if r.coordinates != "tf_crop_and_resize" {
		return y
	}
	none, some := tensor.New(tensor.Type{DType: tensor.Bool, Shape: tensor.Dims(a.out)}), false
	for o := range a.out {
		if x := cropped(a, float32(o)); x < 0 || x > float32(a.in-1) {
			none.Bytes()[o], some = 1, true
		}
	}
	if !some {
		return y
	}
	mask := ops.BroadcastInDim(y.Graph().Constant(none), y.Shape(), axis)
	return ops.Select(mask, ops.Like(y, r.beyond), y)
}
