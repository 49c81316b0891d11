package caffe

import (
	"fmt"

	"github.com/ihae/ihae/format/onnx"
)

// Convolution: y[n o …] = Σ w[o i …] x[n i …] + b[o], over any number of spatial
// axes, which have the same padding at both ends. Forks of Caffe call it by
// other names where each channel has its own filter.
func init() {
	for _, typ := range []string{"Convolution", "ConvolutionDepthwise", "DepthwiseConvolution"} {
		register(typ, func(s *step) error { return s.convolution(false) })
	}
	register("Deconvolution", func(s *step) error { return s.convolution(true) })
}

// window is the sizes of windows that slide over the spatial axes.
type window struct{ kernel, stride, pad, dilation []int }

// attrs is w in ONNX's terms.
func (w window) attrs() []onnx.Attr {
	pads := append(int64s(w.pad), int64s(w.pad)...)
	return []onnx.Attr{
		onnx.Ints("kernel_shape", int64s(w.kernel)...), onnx.Ints("strides", int64s(w.stride)...),
		onnx.Ints("pads", pads...), onnx.Ints("dilations", int64s(w.dilation)...),
	}
}

// convolution also translates Deconvolution, whose forward pass is the other's
// backward pass.
func (s *step) convolution(transposed bool) error {
	if err := s.takes(1, 3); err != nil {
		return err
	}
	x := s.in[0]
	p := s.p.child("convolution_param")
	p.ignore("weight_filler", "bias_filler", "engine", "force_nd_im2col")
	w, err := readWindow(p, len(x.dims)-2)
	if err != nil {
		return err
	}
	if axis := p.int("axis", 1); axis != 1 && axis != 1-len(x.dims) {
		return fmt.Errorf("axis %d: channels must be axis 1", axis)
	}
	outputs, groups, bias := p.size("num_output", 0, 1), p.size("group", 1, 1), p.flag("bias_term", true)
	in, err := known(x.dims[1:2])
	switch {
	case err != nil:
		return err
	case *p.err != nil:
		return *p.err
	case outputs == 0 || in%groups != 0 || outputs%groups != 0:
		return fmt.Errorf("%d channels into %d in %d groups", in, outputs, groups)
	}
	shape := append([]int{outputs, in / groups}, w.kernel...)
	op, size := "Conv", w.forward
	if transposed {
		shape[0], shape[1] = in, outputs/groups
		op, size = "ConvTranspose", w.backward
	}
	weight, err := s.init(0, "weight", shape...)
	if err != nil {
		return err
	}
	operands := []string{x.name, weight}
	if bias {
		b, err := s.init(1, "bias", outputs)
		if err != nil {
			return err
		}
		operands = append(operands, b)
	}
	dims := []int{x.dims[0], outputs}
	for i, d := range x.dims[2:] {
		y := size(i, d)
		if d >= 0 && y < 1 {
			return fmt.Errorf("windows %v with padding %v do not fit into %v", w.kernel, w.pad, sizes(x.dims))
		}
		dims = append(dims, y)
	}
	return s.out(dims, op, operands, append(w.attrs(), onnx.Int("group", int64(groups)))...)
}

// forward is how many windows fit into a size.
func (w window) forward(i, d int) int {
	if d < 0 {
		return open
	}
	room := d + 2*w.pad[i] - w.dilation[i]*(w.kernel[i]-1) - 1
	if room < 0 {
		return 0
	}
	return room/w.stride[i] + 1
}

// backward is the size that d windows came from.
func (w window) backward(i, d int) int {
	if d < 0 {
		return open
	}
	return w.stride[i]*(d-1) + w.dilation[i]*(w.kernel[i]-1) + 1 - 2*w.pad[i]
}

// maxWindow bounds each number of a window, so that their products fit.
const maxWindow = 1 << 20

// readWindow reads a window over so many axes: one number for all axes, one for
// each, or, of two axes, one for h and one for w.
func readWindow(p *params, axes int) (window, error) {
	read := func(name, short string, def int) ([]int, error) {
		list, h, w := p.ints(name), p.has(short+"_h"), p.has(short+"_w")
		switch {
		case h || w:
			if axes != 2 || len(list) > 0 || !h && def < 0 || !w && def < 0 {
				return nil, fmt.Errorf("%s_h and %s_w are for two axes, without %s", short, short, name)
			}
			list = []int{p.int(short+"_h", def), p.int(short+"_w", def)}
		case len(list) == 0 && def >= 0:
			list = []int{def}
		}
		if len(list) == 1 {
			for len(list) < axes {
				list = append(list, list[0])
			}
		}
		if len(list) != axes {
			return nil, fmt.Errorf("%d of %s for %d spatial axes", len(list), name, axes)
		}
		for _, v := range list {
			if v < min(def, 1) || v < 1 && def != 0 || v > maxWindow {
				return nil, fmt.Errorf("%s is %v", name, list)
			}
		}
		return list, nil
	}
	var w window
	var err error
	for _, f := range []struct {
		to          *[]int
		name, short string
		def         int
	}{
		{&w.kernel, "kernel_size", "kernel", -1}, {&w.stride, "stride", "stride", 1},
		{&w.pad, "pad", "pad", 0}, {&w.dilation, "dilation", "dilation", 1},
	} {
		if *f.to, err = read(f.name, f.short, f.def); err != nil {
			return w, err
		}
	}
	return w, nil
}
