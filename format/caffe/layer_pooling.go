package caffe

import (
	"fmt"

	"github.com/ihae/ihae/format/onnx"
)

// Pooling takes the largest element or the mean of windows. The number of
// windows is rounded up, so that the last may pass the end; with padding, one
// that would begin behind the end is left out. The mean divides by the elements
// of a window that lie in the blob or its padding.
func init() {
	register("Pooling", func(s *step) error {
		if err := s.takes(1, 4); err != nil {
			return err
		}
		x := s.in[0]
		p := s.p.child("pooling_param")
		p.ignore("engine")
		pool := p.choice("pool", "MAX", "AVE", "STOCHASTIC")
		global, floor := p.flag("global_pooling", false), p.choice("round_mode", "CEIL", "FLOOR") == "FLOOR"
		if *p.err != nil {
			return *p.err
		}
		switch {
		case len(x.dims) != 4:
			return fmt.Errorf("a blob with %d axes, want 4", len(x.dims))
		case pool == "STOCHASTIC":
			return fmt.Errorf("stochastic pooling draws at random, which this model cannot")
		case global:
			p.ignore("kernel_size", "pad", "stride", "pad_h", "pad_w", "stride_h", "stride_w")
			op := map[string]string{"MAX": "GlobalMaxPool", "AVE": "GlobalAveragePool"}[pool]
			return s.out([]int{x.dims[0], x.dims[1], 1, 1}, op, []string{x.name})
		}
		w, err := readWindow(p, 2)
		if err != nil {
			return err
		}
		return s.pooling(w, pool == "AVE", floor)
	})
}

func (s *step) pooling(w window, mean, floor bool) error {
	x := s.in[0]
	dims, over, err := w.pooled(x.dims, floor)
	if err != nil {
		return err
	}
	attrs := []onnx.Attr{onnx.Ints("kernel_shape", int64s(w.kernel)...), onnx.Ints("strides", int64s(w.stride)...)}
	openSize := x.dims[2] < 0 || x.dims[3] < 0
	padded := w.pad[0]+w.pad[1] > 0
	if mean && padded && openSize && !floor {
		for i, k := range w.kernel {
			if w.stride[i] > k-w.pad[i] { // Caffe leaves out what the operator would not
				return fmt.Errorf("sizes %s must be known here, since windows may begin behind them: give them in Options.Inputs", sizes(x.dims))
			}
		}
	}
	in := x.name
	pads := []int64{int64(w.pad[0]), int64(w.pad[1]), int64(w.pad[0]), int64(w.pad[1])}
	if mean && padded && (openSize || over[0]+over[1] > 0) {
		// The padding counts in the mean, what lies behind it does not: only the
		// latter is left to the operator.
		in = s.node("Pad", []string{in, s.ints("pads", 0, 0, w.pad[0], w.pad[1], 0, 0, w.pad[0], w.pad[1])})
		pads, padded = make([]int64, 4), false
	}
	switch {
	case openSize && !floor:
		attrs = append(attrs, onnx.Int("ceil_mode", 1))
	default:
		pads[2] += int64(over[0])
		pads[3] += int64(over[1])
	}
	attrs = append(attrs, onnx.Ints("pads", pads...))
	if !mean {
		return s.out(dims, "MaxPool", []string{in}, attrs...)
	}
	if padded {
		attrs = append(attrs, onnx.Int("count_include_pad", 1))
	}
	return s.out(dims, "AveragePool", []string{in}, attrs...)
}

// pooled is the shape of the result, and by how much the last windows pass the
// end of the padded blob.
func (w window) pooled(dims []int, floor bool) (out []int, over [2]int, err error) {
	out = append(out, dims[0], dims[1])
	for i, d := range dims[2:] {
		k, s, p := w.kernel[i], w.stride[i], w.pad[i]
		if p >= k || w.dilation[i] != 1 {
			return nil, over, fmt.Errorf("kernel %v with padding %v and dilation %v", w.kernel, w.pad, w.dilation)
		}
		if d < 0 {
			out = append(out, open)
			continue
		}
		room := d + 2*p - k
		n := room/s + 1
		if !floor && room%s > 0 {
			n++
		}
		if w.pad[0]+w.pad[1] > 0 && (n-1)*s >= d+p {
			n--
		}
		if room < 0 && (floor || room <= -s) || n < 1 || (n-1)*s >= d+p {
			return nil, over, fmt.Errorf("windows %v with padding %v and stride %v do not fit into %s", w.kernel, w.pad, w.stride, sizes(dims))
		}
		out = append(out, n)
		over[i] = max(0, (n-1)*s+k-d-2*p)
	}
	return out, over, nil
}
