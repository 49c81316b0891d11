package caffe

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register("BatchNorm", (*step).batchNorm)
	register("LRN", (*step).lrn)
	register("MVN", (*step).mvn)
	register("Normalize", (*step).normalize)
}

// batchNorm: (x - mean) / √(variance + ε) with no scale and bias, which are a
// layer of their own (Ioffe and Szegedy, 2015). The file has sums that are still
// to be divided by its third blob.
func (s *step) batchNorm() error {
	if err := s.takes(1, 2); err != nil {
		return err
	}
	x := s.in[0]
	p := s.p.child("batch_norm_param")
	p.ignore("moving_average_fraction")
	eps := p.float("eps", 1e-5)
	channels, err := known(x.dims[1:2])
	if err != nil {
		return err
	}
	if !p.flag("use_global_stats", true) {
		axes := []int{0}
		for i := 2; i < len(x.dims); i++ {
			axes = append(axes, i)
		}
		return s.standardized(axes, eps, true)
	}
	factor, err := s.weight(2, 1)
	if err != nil {
		return err
	}
	scale := factor.Floats()[0]
	if scale != 0 {
		scale = 1 / scale
	}
	var moments [2]tensor.Tensor
	for i := range moments {
		w, err := s.weight(i, channels)
		if err != nil {
			return err
		}
		moments[i] = w.Clone()
		for k := range w.Floats() {
			moments[i].Floats()[k] *= scale
		}
	}
	names := []string{
		x.name, s.b.Init(s.name+".scale", filled(channels, 1)), s.b.Init(s.name+".bias", filled(channels, 0)),
		s.b.Init(s.name+".mean", moments[0]), s.b.Init(s.name+".variance", moments[1]),
	}
	return s.out(x.dims, "BatchNormalization", names, onnx.Float("epsilon", eps))
}

func filled(n int, v float32) tensor.Tensor {
	return tensor.From(tensor.Dims(n), slices.Repeat([]float32{v}, n))
}

// lrn: x / (k + α/n Σx²)^β over n neighbouring channels, or over n × n
// neighbours of the same channel, where k is 1 (Krizhevsky et al., 2012).
func (s *step) lrn() error {
	if err := s.takes(1, 3); err != nil {
		return err
	}
	x := s.in[0]
	p := s.p.child("lrn_param")
	p.ignore("engine")
	size, alpha, beta := p.size("local_size", 5, 1), p.float("alpha", 1), p.float("beta", 0.75)
	k, region := p.float("k", 1), p.choice("norm_region", "ACROSS_CHANNELS", "WITHIN_CHANNEL")
	if size%2 == 0 || size > maxWindow {
		return fmt.Errorf("local_size %d, want an odd number", size)
	}
	if region == "ACROSS_CHANNELS" {
		return s.each("LRN", onnx.Int("size", int64(size)), onnx.Float("alpha", alpha),
			onnx.Float("beta", beta), onnx.Float("bias", k))
	}
	if len(x.dims) != 4 {
		return fmt.Errorf("a blob with %d axes, want 4", len(x.dims))
	}
	side, pad := int64(size), int64(size/2)
	square := s.node("Mul", []string{x.name, x.name})
	mean := s.node("AveragePool", []string{square}, onnx.Ints("kernel_shape", side, side),
		onnx.Ints("pads", pad, pad, pad, pad), onnx.Int("count_include_pad", 1))
	sum := s.node("Add", []string{s.node("Mul", []string{mean, s.scalar("alpha", alpha)}), s.scalar("k", 1)})
	return s.out(x.dims, "Div", []string{x.name, s.node("Pow", []string{sum, s.scalar("beta", beta)})})
}

// mvn: (x - mean) / (deviation + ε) over each channel or each example.
func (s *step) mvn() error {
	if err := s.takes(1, 2); err != nil {
		return err
	}
	p := s.p.child("mvn_param")
	across, variance, eps := p.flag("across_channels", false), p.flag("normalize_variance", true), p.float("eps", 1e-9)
	first := 2
	if across {
		first = 1
	}
	var axes []int
	for i := first; i < len(s.in[0].dims); i++ {
		axes = append(axes, i)
	}
	x := s.in[0]
	if variance {
		return s.standardized(axes, eps, false)
	}
	if len(axes) == 0 {
		return fmt.Errorf("a blob with %d axes", len(x.dims))
	}
	return s.out(x.dims, "Sub", []string{x.name, s.node("ReduceMean", []string{x.name}, onnx.Ints("axes", int64s(axes)...))})
}

// standardized subtracts the mean over axes and divides by √(variance + ε), or
// by √variance + ε.
func (s *step) standardized(axes []int, eps float32, inside bool) error {
	x, list := s.in[0], onnx.Ints("axes", int64s(axes)...)
	if len(axes) == 0 {
		return fmt.Errorf("a blob with %d axes", len(x.dims))
	}
	centred := s.node("Sub", []string{x.name, s.node("ReduceMean", []string{x.name}, list)})
	deviation := s.node("ReduceMean", []string{s.node("Mul", []string{centred, centred})}, list)
	small := s.scalar("epsilon", eps)
	if inside {
		deviation = s.node("Sqrt", []string{s.node("Add", []string{deviation, small})})
	} else {
		deviation = s.node("Add", []string{s.node("Sqrt", []string{deviation}), small})
	}
	return s.out(x.dims, "Div", []string{centred, deviation})
}

// normalize: x / √(Σx² + ε) times a weight, over the channels of each place or
// over all of an example (Liu et al., "ParseNet", 2015).
func (s *step) normalize() error {
	if err := s.takes(1, 4); err != nil {
		return err
	}
	x := s.in[0]
	p := s.p.child("norm_param")
	p.ignore("scale_filler")
	spatial, shared, eps := p.flag("across_spatial", true), p.flag("channel_shared", true), p.float("eps", 1e-10)
	axes := []int64{1}
	if spatial {
		axes = []int64{1, 2, 3}
	}
	dims := []int{1}
	if !shared {
		channels, err := known(x.dims[1:2])
		if err != nil {
			return err
		}
		dims = []int{channels, 1, 1}
	}
	scale, err := s.init(0, "scale", dims...)
	if err != nil {
		return err
	}
	sum := s.node("ReduceSumSquare", []string{x.name}, onnx.Ints("axes", axes...))
	norm := s.node("Sqrt", []string{s.node("Add", []string{sum, s.scalar("epsilon", eps)})})
	return s.out(x.dims, "Mul", []string{s.node("Div", []string{x.name, norm}), scale})
}
