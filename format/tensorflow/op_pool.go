package tensorflow

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
)

func init() {
	register(func(k *call) error { return k.pool("MaxPool", 2) }, "MaxPool", "MaxPoolV2")
	register(func(k *call) error { return k.pool("AveragePool", 2) }, "AvgPool")
	register(func(k *call) error { return k.pool("MaxPool", 3) }, "MaxPool3D")
	register(func(k *call) error { return k.pool("AveragePool", 3) }, "AvgPool3D")
	register(func(k *call) error { return k.batchNorm(k.flag("is_training", true)) },
		"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
	register((*call).lrn, "LRN")
}

// pool takes the largest or the mean of windows; padding does not count.
func (k *call) pool(op string, spatial int) error {
	if err := k.takes(1); err != nil {
		return err
	}
	l, err := k.layout(spatial)
	if err != nil {
		return err
	}
	kernel := k.ints("ksize")
	if len(k.in) == 3 { // MaxPoolV2
		if kernel, err = k.constInts(1); err != nil {
			return err
		}
		strides, err := k.constInts(2)
		if err != nil {
			return err
		}
		k.n = &Node{Name: k.n.Name, Op: k.n.Op, Attrs: append(slices.Clone(k.n.Attrs),
			Attr{Name: "strides", Kind: AttrList, List: &List{Ints: int64s(strides)}},
			Attr{Name: "ksize", Kind: AttrList, List: &List{Ints: int64s(kernel)}})}
	}
	kernel = l.sizes(kernel, 1)
	w, err := k.window(l, kernel)
	if err != nil {
		return err
	}
	x := k.in[0]
	s, err := w.result(l, x.shape, x.shape.dim(l.channels()))
	if err != nil {
		return err
	}
	return k.giveBack(l, x.typ, s, op, []string{k.channelsFirst(l, x)}, w.attrs(l, x.shape, false)...)
}

// batchNorm: (x - mean) / √(variance + ε) · scale + offset, with the moments of
// the inputs, or, in training, of the batch.
func (k *call) batchNorm(training bool) error {
	if err := k.takes(3); err != nil {
		return err
	}
	l, err := k.layout(max(1, k.in[0].shape.rank()-2))
	if k.in[0].shape.rank() < 0 {
		l, err = k.layout(2)
	}
	if err != nil {
		return err
	}
	x, eps := k.in[0], k.float("epsilon", 1e-4)
	s := x.shape
	if s.ranked && s.dim(l.channels()) < 0 {
		s = s.with(l.channels(), k.in[1].shape.dim(0))
	}
	if training {
		return k.batchMoments(l, s, eps)
	}
	if err := k.takes(5); err != nil {
		return err
	}
	in := []string{k.channelsFirst(l, x)}
	for _, v := range k.in[1:5] {
		in = append(in, k.use(v))
	}
	if err := k.giveBack(l, x.typ, s, "BatchNormalization", in, onnx.Float("epsilon", eps)); err != nil {
		return err
	}
	k.out = append(k.out, k.in[3], k.in[4], k.in[3], k.in[4], k.in[4])
	return nil
}

// batchMoments normalises with the moments of the batch.
func (k *call) batchMoments(l layout, s shape, eps float32) error {
	x := k.use(k.in[0])
	axes := []int64{0}
	for i := range l.spatial {
		axes = append(axes, int64(l.at(i)))
	}
	wide := func(v *value) string {
		if l.last {
			return k.use(v)
		}
		list := make([]int, l.spatial)
		for i := range list {
			list[i] = i + 1
		}
		return k.node("Unsqueeze", []string{k.use(v), k.list(list...)})
	}
	mean := k.node("ReduceMean", []string{x}, onnx.Ints("axes", axes...))
	centred := k.node("Sub", []string{x, mean})
	variance := k.node("ReduceMean", []string{k.node("Mul", []string{centred, centred})}, onnx.Ints("axes", axes...))
	deviation := k.node("Sqrt", []string{k.node("Add", []string{variance, k.scalar(eps, k.in[0].typ)})})
	scaled := k.node("Mul", []string{k.node("Div", []string{centred, deviation}), wide(k.in[1])})
	return k.give(k.in[0].typ, s, "Add", []string{scaled, wide(k.in[2])})
}

// lrn: x / (bias + α Σx²)^β over 2r+1 neighbouring channels, which are last.
func (k *call) lrn() error {
	if err := k.takes(1); err != nil {
		return err
	}
	size := 2*k.int("depth_radius", 5) + 1
	if size < 1 || size > maxWindow {
		return fmt.Errorf("depth_radius %d", size/2)
	}
	l := layout{true, 2}
	return k.giveBack(l, k.in[0].typ, k.in[0].shape, "LRN", []string{k.channelsFirst(l, k.in[0])},
		onnx.Int("size", int64(size)), onnx.Float("alpha", k.float("alpha", 1)*float32(size)),
		onnx.Float("beta", k.float("beta", 0.5)), onnx.Float("bias", k.float("bias", 1)))
}
