package caffe

import (
	"github.com/ihae/ihae/format/onnx"
)

// The layers that apply one function of one number, without weights.
func init() {
	for typ, op := range map[string]string{"Sigmoid": "Sigmoid", "TanH": "Tanh"} {
		param := map[string]string{"Sigmoid": "sigmoid_param", "TanH": "tanh_param"}[typ]
		register(typ, func(s *step) error {
			s.p.child(param).ignore("engine")
			return s.each(op)
		})
	}
	register("AbsVal", func(s *step) error { return s.each("Abs") })
	register("BNLL", func(s *step) error { return s.each("Softplus") }) // log(1 + exp x)
	register("ReLU6", func(s *step) error {
		if err := s.takes(1, 0); err != nil {
			return err
		}
		return s.out(s.in[0].dims, "Clip", []string{s.in[0].name, s.scalar("min", 0), s.scalar("max", 6)})
	})
	register("ReLU", func(s *step) error {
		p := s.p.child("relu_param")
		p.ignore("engine")
		if slope := p.float("negative_slope", 0); slope != 0 {
			return s.each("LeakyRelu", onnx.Float("alpha", slope))
		}
		return s.each("Relu")
	})
	register("ELU", func(s *step) error {
		return s.each("Elu", onnx.Float("alpha", s.p.child("elu_param").float("alpha", 1)))
	})
	register("Clip", func(s *step) error {
		if err := s.takes(1, 0); err != nil {
			return err
		}
		p := s.p.child("clip_param")
		low, high := s.scalar("min", p.float("min", 0)), s.scalar("max", p.float("max", 0))
		return s.out(s.in[0].dims, "Clip", []string{s.in[0].name, low, high})
	})
	register("Swish", (*step).swish)
	register("Threshold", (*step).threshold)
	register("Dropout", func(s *step) error {
		if err := s.takes(1, 0); err != nil {
			return err
		}
		ratio := s.scalar("ratio", s.p.child("dropout_param").float("dropout_ratio", 0.5))
		return s.out(s.in[0].dims, "Dropout", []string{s.in[0].name, ratio})
	})
}

// swish: x / (1 + exp(-βx)).
func (s *step) swish() error {
	if err := s.takes(1, 0); err != nil {
		return err
	}
	x, inner := s.in[0], s.in[0].name
	if beta := s.p.child("swish_param").float("beta", 1); beta != 1 {
		inner = s.node("Mul", []string{inner, s.scalar("beta", beta)})
	}
	return s.out(x.dims, "Mul", []string{x.name, s.node("Sigmoid", []string{inner})})
}

// threshold: 1 above the threshold, else 0.
func (s *step) threshold() error {
	if err := s.takes(1, 0); err != nil {
		return err
	}
	t := s.scalar("threshold", s.p.child("threshold_param").float("threshold", 0))
	above := s.node("Greater", []string{s.in[0].name, t})
	return s.out(s.in[0].dims, "Cast", []string{above}, onnx.Int("to", int64(elem)))
}
