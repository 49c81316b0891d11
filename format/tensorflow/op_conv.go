package tensorflow

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// Convolutions, whose filters are [H W In Out], depthwise ones with filters
// [H W In M], and the gradient of one to its input.
func init() {
	register(func(k *call) error { return k.conv(2) }, "Conv2D")
	register(func(k *call) error { return k.conv(3) }, "Conv3D")
	register((*call).depthwise, "DepthwiseConv2dNative")
	register((*call).convBackward, "Conv2DBackpropInput")
	register((*call).fused, "_FusedConv2D", "_FusedDepthwiseConv2dNative", "FusedDepthwiseConv2dNative", "_FusedMatMul")
}

// filter is the sizes of input i, which must be known.
func (k *call) filter(i, spatial int) ([]int, error) {
	if err := k.takes(i + 1); err != nil {
		return nil, err
	}
	s := k.in[i].shape
	if !s.known() || len(s.dims) != spatial+2 {
		return nil, fmt.Errorf("the sizes of the filter must be known here")
	}
	if slices.Contains(s.dims, 0) {
		return nil, fmt.Errorf("a filter of shape %v", s.dims)
	}
	return s.dims, nil
}

func (k *call) conv(spatial int) error {
	f, err := k.filter(1, spatial)
	if err != nil {
		return err
	}
	l, err := k.layout(spatial)
	if err != nil {
		return err
	}
	w, err := k.window(l, f[:spatial])
	if err != nil {
		return err
	}
	x := k.in[0]
	in, out := f[spatial], f[spatial+1]
	groups := 1
	if c := x.shape.dim(l.channels()); c > 0 {
		if c%in != 0 || out%(c/in) != 0 {
			return fmt.Errorf("%d channels with a filter of shape %v", c, f)
		}
		groups = c / in
	}
	s, err := w.result(l, x.shape, out)
	if err != nil {
		return err
	}
	perm := []int{spatial + 1, spatial}
	for i := range spatial {
		perm = append(perm, i)
	}
	names := []string{k.channelsFirst(l, x), k.transposed(k.in[1], perm...)}
	return k.giveBack(l, x.typ, s, "Conv", names, append(w.attrs(l, x.shape, true), onnx.Int("group", int64(groups)))...)
}

// depthwise has M filters for each channel: channel c·M+m of the result comes
// from channel c.
func (k *call) depthwise() error {
	f, err := k.filter(1, 2)
	if err != nil {
		return err
	}
	l, err := k.layout(2)
	if err != nil {
		return err
	}
	w, err := k.window(l, f[:2])
	if err != nil {
		return err
	}
	x := k.in[0]
	if c := x.shape.dim(l.channels()); c >= 0 && c != f[2] {
		return fmt.Errorf("%d channels with a filter of shape %v", c, f)
	}
	s, err := w.result(l, x.shape, f[2]*f[3])
	if err != nil {
		return err
	}
	weight := ""
	if t, ok := k.in[1].tensor(); ok && k.c.spend(int64(len(t.Bytes()))) {
		t = permute(t, []int{2, 3, 0, 1})
		if t, err = t.Reshape(tensor.Dims(f[2]*f[3], 1, f[0], f[1])); err != nil {
			return err
		}
		weight = k.b.Init(k.initName(k.in[1]), t)
	} else {
		turned := k.transposed(k.in[1], 2, 3, 0, 1)
		weight = k.node("Reshape", []string{turned, k.list(f[2]*f[3], 1, f[0], f[1])})
	}
	attrs := append(w.attrs(l, x.shape, true), onnx.Int("group", int64(f[2])))
	return k.giveBack(l, x.typ, s, "Conv", []string{k.channelsFirst(l, x), weight}, attrs...)
}

// convBackward makes a picture of the given sizes of which the convolution with
// the same filter, strides and padding has the shape of input 2.
func (k *call) convBackward() error {
	f, err := k.filter(1, 2)
	if err != nil {
		return err
	}
	if err := k.takes(3); err != nil {
		return err
	}
	x := k.in[2]
	k.in[0], k.in[2] = x, k.in[0] // the layout is that of the picture
	l, err := k.layout(2)
	if err != nil {
		return err
	}
	w, err := k.window(l, f[:2])
	if err != nil {
		return err
	}
	s := dimsOf(unknown, unknown, unknown, unknown)
	switch given := shapeFrom(k.in[2].numbers()); given.rank() {
	case 4:
		s = given
	case 2: // the spatial axes
		s = s.with(l.at(0), given.dims[0]).with(l.at(1), given.dims[1])
	}
	if in, out := s.dim(l.channels()), x.shape.dim(l.channels()); in >= 0 && in != f[2] || out >= 0 && out != f[3] {
		return fmt.Errorf("%d channels from %d with a filter of shape %v", in, out, f)
	}
	s = s.with(l.channels(), f[2])
	pads, more := make([]int64, 4), make([]int64, 2)
	for i := range 2 {
		small, large := x.shape.dim(l.at(i)), s.dim(l.at(i))
		if large < 0 && w.same && small >= 0 {
			large = small * w.stride[i] // what else could it be
			s = s.with(l.at(i), large)
		}
		p, extra, err := w.backPads(i, small, large)
		if err != nil {
			return err
		}
		pads[i], pads[i+2], more[i] = int64(p[0]), int64(p[1]), int64(extra)
	}
	if x.shape.ranked {
		s = s.with(0, x.shape.dims[0])
	}
	attrs := []onnx.Attr{
		onnx.Ints("kernel_shape", int64s(w.kernel)...), onnx.Ints("strides", int64s(w.stride)...),
		onnx.Ints("dilations", int64s(w.dilation)...), onnx.Ints("pads", pads...), onnx.Ints("output_padding", more...),
	}
	names := []string{k.channelsFirst(l, x), k.transposed(k.in[1], 3, 2, 0, 1)}
	return k.giveBack(l, x.typ, s, "ConvTranspose", names, attrs...)
}

// backPads is what is cut off the full result of spatial axis i, and by how much
// it is too short. Sizes of -1 are not known: then the size is taken to be as
// many strides as there are windows, or with VALID the least possible.
func (w window) backPads(i, small, large int) (p [2]int, more int, err error) {
	reach := (w.kernel[i]-1)*w.dilation[i] + 1
	p = w.pads[i]
	switch {
	case w.same && large >= 0:
		p = w.samePads(i, large)
	case w.same:
		total := max(0, reach-w.stride[i])
		return [2]int{total / 2, total - total/2}, max(0, w.stride[i]-reach), nil
	}
	if small < 0 || large < 0 {
		return p, 0, nil
	}
	full := (small-1)*w.stride[i] + reach
	more = large - (full - p[0] - p[1])
	if more < 0 || more >= w.stride[i] {
		return p, 0, fmt.Errorf("%d windows do not come from a size of %d", small, large)
	}
	return p, more, nil
}

// fused is an operation with those that follow it: a bias or a normalisation,
// and an activation (made by TensorFlow's optimizer, and in models for
// browsers).
func (k *call) fused() error {
	a := k.n.Attr("fused_ops")
	if a == nil || a.List == nil || len(a.List.Bytes) == 0 {
		return fmt.Errorf("no fused_ops")
	}
	rest := k.in
	base := func() error {
		switch k.n.Op {
		case "_FusedMatMul":
			return k.matmul("transpose_a", "transpose_b")
		case "_FusedConv2D":
			return k.conv(2)
		}
		return k.depthwise()
	}
	if err := k.takes(2); err != nil {
		return err
	}
	k.in, rest = rest[:2], rest[2:]
	for i := 0; ; i++ {
		last := i == len(a.List.Bytes)
		name := k.n.Name
		if !last {
			k.n = renamed(k.n, fmt.Sprintf("%s:%d:fused", name, i))
		}
		err := base()
		k.n = renamed(k.n, name)
		if err != nil || last {
			return err
		}
		x := k.out[0]
		k.out = nil
		k.in = []*value{x}
		switch op := string(a.List.Bytes[i]); op {
		case "BiasAdd":
			k.in, rest = append(k.in, rest[:min(1, len(rest))]...), rest[min(1, len(rest)):]
			base = k.biasAdd
		case "FusedBatchNorm":
			k.in, rest = append(k.in, rest[:min(4, len(rest))]...), rest[min(4, len(rest)):]
			base = func() error { return k.batchNorm(false) }
		case "LeakyRelu":
			base = func() error { return k.each("LeakyRelu", onnx.Float("alpha", k.float("leakyrelu_alpha", 0.2))) }
		default:
			f, err := translators.Get(op)
			if err != nil || unary[op] == "" && op != "Relu6" && op != "Prelu" {
				return fmt.Errorf("%s is fused with it", op)
			}
			if op == "Prelu" {
				k.in, rest = append(k.in, rest[:min(1, len(rest))]...), rest[min(1, len(rest)):]
			}
			base = func() error { return f(k) }
		}
	}
}

// renamed is a node with another name.
func renamed(n *Node, name string) *Node {
	m := *n
	m.Name = name
	return &m
}
