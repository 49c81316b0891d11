package tensorflow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ihae/ihae/format/onnx"
)

// layout is the order of a picture's axes: channels behind the spatial axes
// (NHWC, NDHWC) or before them (NCHW, NCDHW).
type layout struct {
	last    bool // channels are last
	spatial int
}

// layout reads the attribute data_format; the rank comes from input 0 or, where
// that is not known, from so many spatial axes.
func (k *call) layout(spatial int) (layout, error) {
	name := k.text("data_format", "NHWC")
	if r := k.in[0].shape.rank(); r >= 0 && r != spatial+2 {
		return layout{}, fmt.Errorf("input 0 has %d axes, want %d", r, spatial+2)
	}
	if !slices.Contains([]string{"NHWC", "NCHW", "NDHWC", "NCDHW"}, name) {
		return layout{}, fmt.Errorf("data_format %q", name)
	}
	return layout{strings.HasSuffix(name, "C"), spatial}, nil
}

// first is the permutation that brings channels to the front, and back the one
// that takes them away again.
func (l layout) first() []int {
	perm := []int{0, l.spatial + 1}
	for i := range l.spatial {
		perm = append(perm, i+1)
	}
	return perm
}

func (l layout) back() []int {
	perm := []int{0}
	for i := range l.spatial {
		perm = append(perm, i+2)
	}
	return append(perm, 1)
}

// in is a picture in ONNX's layout, channels first.
func (k *call) channelsFirst(l layout, v *value) string {
	if !l.last {
		return k.use(v)
	}
	return k.transposed(v, l.first()...)
}

// giveBack gives an operator whose result has channels first, in the layout of
// the graph.
func (k *call) giveBack(l layout, typ DataType, s shape, op string, in []string, attrs ...onnx.Attr) error {
	if !l.last {
		return k.give(typ, s, op, in, attrs...)
	}
	return k.give(typ, s, "Transpose", []string{k.node(op, in, attrs...)}, onnx.Ints("perm", int64s(l.back())...))
}

// sizes is the spatial part of a list of all axes.
func (l layout) sizes(list []int, def int) []int {
	switch {
	case len(list) == 0:
		return slices.Repeat([]int{def}, l.spatial)
	case len(list) != l.spatial+2:
		return nil
	case l.last:
		return list[1 : l.spatial+1]
	}
	return list[2:]
}

// at is the axis of spatial axis i, and channels that of the channels.
func (l layout) at(i int) int {
	if l.last {
		return i + 1
	}
	return i + 2
}

func (l layout) channels() int {
	if l.last {
		return l.spatial + 1
	}
	return 1
}

// window is how windows slide over the spatial axes.
type window struct {
	kernel, stride, dilation []int
	same                     bool
	pads                     [][2]int // unless same
}

// window reads how windows of a kernel slide.
func (k *call) window(l layout, kernel []int) (window, error) {
	w := window{kernel: kernel, stride: l.sizes(k.ints("strides"), 1), dilation: l.sizes(k.ints("dilations"), 1)}
	w.pads = make([][2]int, l.spatial)
	switch p := k.text("padding", "VALID"); p {
	case "SAME":
		w.same = true
	case "VALID":
	case "EXPLICIT":
		list := k.ints("explicit_paddings")
		if len(list) != 2*(l.spatial+2) {
			return w, fmt.Errorf("explicit_paddings %v", list)
		}
		for i := range w.pads {
			w.pads[i] = [2]int{list[2*l.at(i)], list[2*l.at(i)+1]}
		}
	default:
		return w, fmt.Errorf("padding %q", p)
	}
	for _, list := range [][]int{k.ints("strides"), k.ints("dilations"), k.ints("ksize")} {
		if len(list) == l.spatial+2 && (list[0] != 1 || list[l.channels()] != 1) {
			return w, fmt.Errorf("windows that slide over examples or channels: %v", list)
		}
	}
	bad := func(v int) bool { return v < 1 || v > maxWindow }
	for _, list := range [][]int{w.kernel, w.stride, w.dilation} {
		if len(list) != l.spatial || slices.ContainsFunc(list, bad) {
			return w, fmt.Errorf("kernel %v, strides %v, dilations %v", w.kernel, k.ints("strides"), k.ints("dilations"))
		}
	}
	for _, p := range w.pads {
		if p[0] < 0 || p[1] < 0 || p[0] > maxWindow || p[1] > maxWindow {
			return w, fmt.Errorf("explicit_paddings %v", w.pads)
		}
	}
	return w, nil
}

// maxWindow bounds each number of a window, so that their products fit.
const maxWindow = 1 << 20

// attrs is w in ONNX's terms, for pictures of shape s. With SAME there are
// ⌈size/stride⌉ windows, and of the padding that they need the smaller half
// comes first.
func (w window) attrs(l layout, s shape, dilate bool) []onnx.Attr {
	list := []onnx.Attr{onnx.Ints("kernel_shape", int64s(w.kernel)...), onnx.Ints("strides", int64s(w.stride)...)}
	if dilate {
		list = append(list, onnx.Ints("dilations", int64s(w.dilation)...))
	}
	pads := make([]int64, 2*l.spatial)
	for i, p := range w.pads {
		if w.same {
			d := s.dim(l.at(i))
			if d < 0 {
				return append(list, onnx.String("auto_pad", "SAME_UPPER"))
			}
			p = w.samePads(i, d)
		}
		pads[i], pads[i+l.spatial] = int64(p[0]), int64(p[1])
	}
	return append(list, onnx.Ints("pads", pads...))
}

// samePads is the padding of spatial axis i for windows at every stride.
func (w window) samePads(i, size int) [2]int {
	n := (size + w.stride[i] - 1) / w.stride[i]
	total := max(0, (n-1)*w.stride[i]+(w.kernel[i]-1)*w.dilation[i]+1-size)
	return [2]int{total / 2, total - total/2}
}

// result is the shape of what windows over s give.
func (w window) result(l layout, s shape, channels int) (shape, error) {
	dims := slices.Repeat([]int{unknown}, l.spatial+2)
	if s.ranked {
		dims[0] = s.dims[0]
	}
	dims[l.channels()] = channels
	for i := range l.spatial {
		d := s.dim(l.at(i))
		if d < 0 {
			continue
		}
		if w.same {
			dims[l.at(i)] = (d + w.stride[i] - 1) / w.stride[i]
			continue
		}
		room := d + w.pads[i][0] + w.pads[i][1] - (w.kernel[i]-1)*w.dilation[i] - 1
		if room < 0 {
			return anyShape, fmt.Errorf("windows %v do not fit into %v", w.kernel, s.dims)
		}
		dims[l.at(i)] = room/w.stride[i] + 1
	}
	return dimsOf(dims...), nil
}
