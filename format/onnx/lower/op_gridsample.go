package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "GridSample", Since: []int64{16, 20, 22}, Rule: gridSample})
}

// gridSample: X [N C spatial…] at the positions of a grid [N out… axes], which go
// from -1 to 1 along each axis, the last axis first. Jaderberg et al., "Spatial
// Transformer Networks", NIPS 2015.
func gridSample(c *Call) {
	in, out := c.gridSizes()
	aligned := c.AttrBool("align_corners", false)
	d := c.Type(0).DType
	x, grid := atLeastSingle(c.In(0)), atLeastSingle(c.In(1))
	switch {
	case !d.Float() && d.Bits() > 16:
		x = ops.Convert(x, tensor.Float64) // float32 has not all of them
	case !d.Float():
		x = c.single(x)
	}
	y := c.named("grid-sample", func(operands []*graph.Node) *graph.Node {
		x, grid := channelsLast(operands[0]), operands[1]
		n, channels := x.Shape().Dim(0), x.Shape().Dim(-1)
		flat := tensor.Dims(n, 1, tensor.Dims(out...).Size())
		axes := make([]taps, len(in))
		for i, size := range in {
			at := ops.Reshape(part(grid, grid.Shape().Rank()-1, len(in)-1-i, len(in)-i), flat)
			axes[i] = c.gridTaps(unnormalized(at, size, aligned), size, aligned)
		}
		x = ops.Reshape(x, tensor.Dims(n, tensor.Dims(in...).Size(), 1, channels))
		y := ops.Reshape(sampled(x, axes, in), c.Dims(append(append([]int{n}, out...), channels)...))
		return channelsSecond(y)
	}, x, grid)
	c.Return(ops.Convert(y, d)) // integers are cut towards zero
}

// gridSizes is the spatial sizes of X and of the result.
func (c *Call) gridSizes() (in, out []int) {
	x, grid := c.Shape(0).Dims(), c.Shape(1).Dims()
	if len(x) < 3 || len(grid) != len(x) || grid[0] != x[0] || grid[len(grid)-1] != len(x)-2 {
		c.Fail("want [N C spatial…] and a grid [N out… axes], got %v and %v", c.Type(0), c.Type(1))
	}
	in, out = x[2:], grid[1:len(grid)-1]
	if c.Dims(in...).Size() == 0 {
		c.Fail("there is nothing to sample in %v", c.Type(0))
	}
	return in, out
}

// unnormalized is places along an axis for positions from -1 to 1: between the
// middles of the first and last place if aligned, or else between their ends.
func unnormalized(at *graph.Node, size int, aligned bool) *graph.Node {
	half := float64(size) / 2
	if aligned {
		half = float64(size-1) / 2
	}
	at = ops.Scale(ops.Add(at, ops.Like(at, 1)), half)
	if !aligned {
		at = ops.Sub(at, ops.Like(at, 0.5))
	}
	return at
}

// gridTaps is what is taken around positions along an axis, by the attributes mode
// and padding_mode. Positions beyond the axis are moved inside, and so are places
// around them; cubic interpolation moves places alone, as PyTorch does.
func (c *Call) gridTaps(at *graph.Node, size int, aligned bool) taps {
	mode, padding := c.AttrString("mode", "linear"), c.AttrString("padding_mode", "zeros")
	if mode == "nearest" {
		at = ops.Round(at)
	}
	var beyond func(at *graph.Node) *graph.Node
	switch padding {
	case "zeros":
	case "border":
		beyond = func(at *graph.Node) *graph.Node { return ops.Clamp(at, 0, float64(size-1)) }
	case "reflection":
		beyond = func(at *graph.Node) *graph.Node { return reflected(at, size, aligned) }
	default:
		c.Fail("attribute \"padding_mode\" is %q, want zeros, border or reflection", padding)
	}
	cubic := mode == "cubic" || mode == "bicubic"
	if beyond != nil && !cubic {
		at = beyond(at)
	}
	var t taps
	switch mode {
	case "nearest":
		t = taps{{ops.Floor(at), ops.Like(at, 1)}}
	case "linear", "bilinear":
		t = linearTaps(at)
	case "cubic", "bicubic":
		t = cubicTaps(at)
	default:
		c.Fail("attribute \"mode\" is %q, want nearest, linear or cubic", mode)
	}
	if beyond == nil {
		return t.within(size)
	}
	return t.moved(func(at *graph.Node) *graph.Node { return ops.Floor(beyond(at)) })
}

// reflected is places that lie outside of an axis mirrored at its ends, as often as
// it takes: at the middles of the first and last place if aligned, or else at their
// ends.
func reflected(at *graph.Node, size int, aligned bool) *graph.Node {
	low, high := -0.5, float64(size)-0.5
	if aligned {
		low, high = 0, float64(size-1)
	}
	if high <= low {
		return ops.Like(at, 0)
	}
	width := ops.Like(at, high-low)
	from := ops.Sub(at, ops.Like(at, low))
	turns := ops.Floor(ops.Scale(from, 0.5/(high-low)))
	over := ops.Sub(from, ops.Mul(turns, ops.Scale(width, 2)))
	back := ops.Min(over, ops.Sub(ops.Scale(width, 2), over))
	inside := ops.And(ops.Ge(at, ops.Like(at, low)), ops.Le(at, ops.Like(at, high)))
	return ops.Select(inside, at, ops.Add(back, ops.Like(at, low)))
}
