package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

func init() {
	register(Operator{Name: "ConvTranspose", Since: []int64{1, 11, 22}, Rule: convTranspose})
}

// convTranspose: X [N C spatial…], W [C M/group taps…], B [M].
func convTranspose(c *Call) {
	w, groups := c.convWindows(0, 1)
	c.wantShape(2, c.Shape(1).Dim(1)*groups)
	out := c.transposedSizes(&w)
	x, filters := channelsLast(c.In(0)), tapsFirst(c.In(1))
	y := transposedWindows(x, filters, w, groups, out)
	if bias := c.InOr(2); bias != nil {
		y = ops.Add(y, bias)
	}
	c.Return(channelsSecond(y))
}

// transposedSizes is the spatial sizes of a transposed convolution's result. The
// padding of w becomes what is cut off, which may be negative at the high end.
func (c *Call) transposedSizes(w *windows) []int {
	n := len(w.in)
	extra := c.AttrInts("output_padding")
	if extra == nil {
		extra = make([]int, n)
	}
	c.windowSizes("output_padding", extra, 0, n)
	out := c.AttrInts("output_shape")
	auto := c.AttrString("auto_pad", "NOTSET")
	switch {
	case len(out) == n+2:
		out = out[2:] // with batch and channels, as some files have it
	case out == nil && (auto == "SAME_UPPER" || auto == "SAME_LOWER"):
		for i, in := range w.in {
			out = append(out, in*w.stride[i])
		}
	}
	given := out != nil
	if given {
		c.windowSizes("output_shape", out, 0, n)
	}
	for i, in := range w.in {
		whole := max((in-1)*w.stride[i]+extra[i]+w.reach(i), 0)
		if !given {
			out = append(out, whole-w.low[i]-w.high[i])
		} else {
			w.low[i], _ = halves(max(whole-out[i], 0), auto != "SAME_UPPER")
		}
		if out[i] < 0 {
			c.Fail("spatial axis %d of the result has size %d", i, out[i])
		}
		w.high[i] = whole - extra[i] - w.low[i] - out[i]
	}
	return out
}

// transposedWindows slides filters over the result [N out… M]; where it reaches
// further than they do there are zeros.
func transposedWindows(x, filters *graph.Node, w windows, groups int, out []int) *graph.Node {
	fits := true
	for i := range out {
		fits = fits && -w.high[i] < w.stride[i]
	}
	extra := make([]int, len(out))
	if fits {
		for i := range out {
			extra[i] = max(-w.high[i], 0)
			w.high[i] = max(w.high[i], 0)
		}
		return ops.ConvTranspose(x, filters, nil, w.conv(groups), ops.List(extra...))
	}
	low, high := make([]int, len(out)+2), make([]int, len(out)+2)
	for i := range out {
		low[1+i], high[1+i] = -w.low[i], -w.high[i]
	}
	w.low, w.high = extra, extra
	return ops.Pad(ops.ConvTranspose(x, filters, nil, w.conv(groups), ops.List(extra...)), 0, low, high, nil)
}
