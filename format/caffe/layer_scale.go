package caffe

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
)

// Scale multiplies by, and Bias adds, a blob whose axes stand at one axis of the
// input: a weight, or the second input.
func init() {
	register("Scale", func(s *step) error {
		p := s.p.child("scale_param")
		p.ignore("filler", "bias_filler")
		axis, axes, bias := p.int("axis", 1), p.int("num_axes", 1), p.flag("bias_term", false)
		if !bias {
			return s.affine("Mul", axis, axes, "")
		}
		return s.affine("Mul", axis, axes, "Add")
	})
	register("Bias", func(s *step) error {
		p := s.p.child("bias_param")
		p.ignore("filler")
		return s.affine("Add", p.int("axis", 1), p.int("num_axes", 1), "")
	})
	register("Parameter", func(s *step) error {
		dims := []int{}
		for _, f := range s.p.child("parameter_param").values("shape") {
			dims = shapeOf(s.p, f)
		}
		w, err := s.init(0, "weight", dims...)
		if err != nil {
			return err
		}
		return s.out(dims, "Identity", []string{w})
	})
}

// affine applies op, and then the operator bias if there is one, with the
// layer's weights or the second input.
func (s *step) affine(op string, at, axes int, bias string) error {
	if len(s.in) < 1 || len(s.in) > 2 || len(s.in[0].dims) == 0 {
		return fmt.Errorf("%d bottoms, want 1 or 2", len(s.in))
	}
	axis, err := s.axis(at)
	if err != nil {
		return err
	}
	x, weights := s.in[0], 0
	end := axis + axes
	if axes == -1 {
		end = len(x.dims)
	}
	if len(s.in) == 2 {
		end = axis + len(s.in[1].dims)
	}
	if end < axis || end > len(x.dims) {
		return fmt.Errorf("%d axes from axis %d of a blob with %d", end-axis, axis, len(x.dims))
	}
	part := x.dims[axis:end]
	weight := func(what string) (string, error) {
		if _, err := known(part); err != nil {
			return "", err
		}
		dims, err := spread(part, axis, len(x.dims))
		if err != nil {
			return "", err
		}
		weights++
		return s.init(weights-1, what, dims...)
	}
	factor, err := s.second(part, axis)
	if len(s.in) == 1 {
		factor, err = weight(map[string]string{"Mul": "scale", "Add": "bias"}[op])
	}
	if err != nil {
		return err
	}
	if bias == "" {
		return s.out(x.dims, op, []string{x.name, factor})
	}
	b, err := weight("bias")
	if err != nil {
		return err
	}
	return s.out(x.dims, bias, []string{s.node(op, []string{x.name, factor}), b})
}

// second is the second input with axes of size 1 behind it, so that it stands at
// axis of the first.
func (s *step) second(part []int, axis int) (string, error) {
	if len(s.in) < 2 {
		return "", nil
	}
	y := s.in[1]
	if !sameSizes(part, y.dims) {
		return "", fmt.Errorf("sizes %s at axis %d of %s", sizes(y.dims), axis, sizes(s.in[0].dims))
	}
	dims, err := spread(y.dims, axis, len(s.in[0].dims))
	if err != nil || len(dims) == len(y.dims) {
		return y.name, err
	}
	behind := []int{}
	for i := len(y.dims); i < len(dims); i++ {
		behind = append(behind, i)
	}
	return s.node("Unsqueeze", []string{y.name, s.ints("axes", behind...)}), nil
}

// Eltwise multiplies, adds with coefficients, or takes the largest of blobs of
// one shape.
func init() {
	register("Eltwise", func(s *step) error {
		if len(s.in) < 2 {
			return fmt.Errorf("%d bottoms, at least 2 wanted", len(s.in))
		}
		p := s.p.child("eltwise_param")
		p.ignore("stable_prod_grad")
		op, coeffs := "SUM", p.floats("coeff")
		if p.has("operation") {
			op = p.choice("operation", "PROD", "SUM", "MAX")
		}
		dims, names := slices.Clone(s.in[0].dims), []string{}
		for _, v := range s.in {
			if !sameSizes(dims, v.dims) {
				return fmt.Errorf("blobs of shapes %s and %s", sizes(dims), sizes(v.dims))
			}
			for i, d := range v.dims {
				dims[i] = max(dims[i], d)
			}
			names = append(names, v.name)
		}
		if len(coeffs) > 0 && (op != "SUM" || len(coeffs) != len(s.in)) {
			return fmt.Errorf("%d coefficients for %s of %d blobs", len(coeffs), op, len(s.in))
		}
		for i, c := range coeffs {
			if c != 1 {
				names[i] = s.node("Mul", []string{names[i], s.scalar("coeff", c)})
			}
		}
		switch {
		case op == "MAX":
			return s.out(dims, "Max", names)
		case op == "SUM" && len(names) > 2:
			return s.out(dims, "Sum", names)
		}
		binary := map[string]string{"SUM": "Add", "PROD": "Mul"}[op]
		y := names[0]
		for _, name := range names[1 : len(names)-1] {
			y = s.node(binary, []string{y, name})
		}
		return s.out(dims, binary, []string{y, names[len(names)-1]})
	})
	register("Softmax", func(s *step) error {
		if err := s.takes(1, 1); err != nil {
			return err
		}
		p := s.p.child("softmax_param")
		p.ignore("engine")
		axis, err := s.axis(p.int("axis", 1))
		if err != nil {
			return err
		}
		return s.each("Softmax", onnx.Int("axis", int64(axis)))
	})
}
