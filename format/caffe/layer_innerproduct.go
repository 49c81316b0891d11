package caffe

import (
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// InnerProduct: y = x·wᵀ + b, where x's axes from the given one on are one.
func init() {
	register("InnerProduct", func(s *step) error {
		if err := s.takes(1, 1); err != nil {
			return err
		}
		p := s.p.child("inner_product_param")
		p.ignore("weight_filler", "bias_filler")
		outputs, transposed, bias := p.size("num_output", 0, 1), p.flag("transpose", false), p.flag("bias_term", true)
		axis, err := s.axis(p.int("axis", 1))
		if err != nil {
			return err
		}
		x := s.in[0]
		k, err := known(x.dims[axis:])
		if err != nil {
			return err
		}
		shape := []int{outputs, k}
		if transposed {
			shape = []int{k, outputs}
		}
		w, err := s.weight(0, shape...)
		if err != nil {
			return err
		}
		var b string
		if bias {
			if b, err = s.init(1, "bias", outputs); err != nil {
				return err
			}
		}
		if *p.err != nil {
			return *p.err
		}
		if axis == 1 {
			return s.gemm(k, outputs, w, transposed, b)
		}
		return s.product(axis, k, outputs, w, transposed, b)
	})
}

// gemm is the usual case: one vector for each example.
func (s *step) gemm(k, outputs int, w tensor.Tensor, transposed bool, bias string) error {
	x := s.in[0]
	name := x.name
	if len(x.dims) != 2 {
		name = s.node("Flatten", []string{name}, onnx.Int("axis", 1))
	}
	in := []string{name, s.b.Init(s.name+".weight", w)}
	if bias != "" {
		in = append(in, bias)
	}
	var attrs []onnx.Attr
	if !transposed {
		attrs = []onnx.Attr{onnx.Int("transB", 1)}
	}
	return s.out([]int{x.dims[0], outputs}, "Gemm", in, attrs...)
}

// product has a vector for each place of the axes before the given one.
func (s *step) product(axis, k, outputs int, w tensor.Tensor, transposed bool, bias string) error {
	x := s.in[0]
	name, before := x.name, slices.Clone(x.dims[:axis])
	var err error
	if axis != len(x.dims)-1 {
		if name, err = s.reshaped(x, append(slices.Clone(before), k)...); err != nil {
			return err
		}
	}
	if !transposed {
		w = transpose(w)
	}
	in := []string{name, s.b.Init(s.name+".weight", w)}
	dims := append(before, outputs)
	if bias == "" {
		return s.out(dims, "MatMul", in)
	}
	return s.out(dims, "Add", []string{s.node("MatMul", in), bias})
}

// transpose is a matrix with its axes exchanged.
func transpose(w tensor.Tensor) tensor.Tensor {
	rows, cols := w.Shape().Dim(0), w.Shape().Dim(1)
	x, y := w.Floats(), make([]float32, rows*cols)
	for r := range rows {
		for c := range cols {
			y[c*rows+r] = x[r*cols+c]
		}
	}
	return tensor.From(tensor.Dims(cols, rows), y)
}
