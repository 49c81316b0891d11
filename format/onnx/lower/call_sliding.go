package lower

import "github.com/ihae/ihae/ops"

// windows is how the windows of a convolution or of pooling slide over spatial
// axes: a list has a number for each.
type windows struct {
	in, size, stride, dilation []int
	low, high                  []int // padding
}

// farthest bounds the numbers of windows, so that their products do not overflow.
const farthest = 1 << 30

// windows reads the attributes strides, dilations, pads and auto_pad of windows
// of the given size over the spatial axes of [N C spatial…], sizes in.
func (c *Call) windows(in, size []int) windows {
	w := windows{in: in, size: size}
	w.stride = c.windowList("strides", 1, len(in))
	w.dilation = c.windowList("dilations", 1, len(in))
	c.windowSizes("kernel_shape", size, 1, len(in))
	switch auto := c.AttrString("auto_pad", "NOTSET"); auto {
	case "NOTSET", "":
		pads := c.AttrInts("pads")
		if pads == nil {
			pads = make([]int, 2*len(in))
		}
		c.windowSizes("pads", pads, 0, 2*len(in))
		w.low, w.high = pads[:len(in)], pads[len(in):]
	case "VALID":
		w.low, w.high = make([]int, len(in)), make([]int, len(in))
	case "SAME_UPPER", "SAME_LOWER":
		w.padSame(auto == "SAME_LOWER")
	default:
		c.Fail("attribute \"auto_pad\" is %q, want NOTSET, SAME_UPPER, SAME_LOWER or VALID", auto)
	}
	return w
}

// windowList is an attribute of a number for each of n axes, 1 or more.
func (c *Call) windowList(name string, or, n int) []int {
	list := c.AttrInts(name)
	if list == nil {
		list = make([]int, n)
		for i := range list {
			list[i] = or
		}
	}
	c.windowSizes(name, list, 1, n)
	return list
}

func (c *Call) windowSizes(name string, list []int, least, n int) {
	if len(list) != n {
		c.Fail("attribute %q is %v, want %d numbers", name, list, n)
	}
	for _, v := range list {
		if v < least || v > farthest {
			c.Fail("attribute %q is %v, want numbers from %d to %d", name, list, least, farthest)
		}
	}
}

// reach is the places that a window spans along axis i.
func (w windows) reach(i int) int { return (w.size[i]-1)*w.dilation[i] + 1 }

// padSame sets the padding with which there is a window for each stride; what is
// odd goes to the high end, or to the low one.
func (w *windows) padSame(lower bool) {
	w.low, w.high = make([]int, len(w.in)), make([]int, len(w.in))
	for i, in := range w.in {
		out := (in + w.stride[i] - 1) / w.stride[i]
		w.low[i], w.high[i] = halves(max(0, (out-1)*w.stride[i]+w.reach(i)-in), lower)
	}
}

// halves is total in two; the low one is the larger of odd ones if lower.
func halves(total int, lower bool) (low, high int) {
	if lower {
		return total - total/2, total / 2
	}
	return total / 2, total - total/2
}

// count is the number of windows along axis i; with ceil the last one may hang
// over the padding's end, and none begins in the padding there.
func (w windows) count(i int, ceil bool) int {
	room := w.in[i] + w.low[i] + w.high[i] - w.reach(i)
	if room < 0 && (!ceil || room+w.stride[i] <= 0) {
		return 0
	}
	if !ceil {
		return room/w.stride[i] + 1
	}
	before := w.in[i] + w.low[i]
	return min((room+w.stride[i]-1)/w.stride[i]+1, (before+w.stride[i]-1)/w.stride[i])
}

// overhanging is w, with ceil with the padding at the high ends that its windows reach,
// and the numbers of windows, which are no more than a value may have.
func (c *Call) overhanging(w windows, ceil bool) (full windows, out []int) {
	full, out = w, make([]int, len(w.in))
	full.high = make([]int, len(w.in))
	for i := range w.in {
		if out[i] = w.count(i, ceil); out[i] < 1 {
			c.Fail("a window that spans %d does not fit into %d with padding %d, %d", w.reach(i), w.in[i], w.low[i], w.high[i])
		}
		if full.high[i] = w.high[i]; ceil {
			full.high[i] = max(0, (out[i]-1)*w.stride[i]+w.reach(i)-w.in[i]-w.low[i])
		}
	}
	c.Dims(out...)
	return full, out
}

// conv is the windows as ops.Conv takes them.
func (w windows) conv(groups int) ops.ConvDims {
	return ops.ConvDims{
		Stride: ops.List(w.stride...), Dilation: ops.List(w.dilation...),
		PadLow: ops.List(w.low...), PadHigh: ops.List(w.high...), Groups: groups,
	}
}

// pool is the windows as the pools of package ops take them.
func (w windows) pool() ops.WindowDims {
	return ops.WindowDims{
		Size: ops.List(w.size...), Stride: ops.List(w.stride...), Dilation: ops.List(w.dilation...),
		PadLow: ops.List(w.low...), PadHigh: ops.List(w.high...),
	}
}
