package caffe

import (
	"fmt"
	"strings"

	"github.com/ihae/ihae/format/onnx"
)

func init() {
	register("Input", func(s *step) error {
		shapes := s.p.child("input_param").values("shape")
		for i, f := range shapes {
			if len(shapes) == 1 || i < len(s.tops) {
				shapeOf(s.p, f) // checks it
			}
		}
		return s.inputs(func(i int) []int {
			switch {
			case len(shapes) == 1:
				i = 0
			case i >= len(shapes):
				return nil
			}
			return shapeOf(s.p, shapes[i])
		})
	})
	register("MemoryData", func(s *step) error {
		p := s.p.child("memory_data_param")
		dims := []int{p.size("batch_size", 1, 1), p.size("channels", 1, 1), p.size("height", 1, 1), p.size("width", 1, 1)}
		return s.inputs(func(i int) []int {
			if i == 0 {
				return dims
			}
			return nil // the label
		})
	})
	for typ, param := range map[string]string{
		"Data": "data_param", "AnnotatedData": "annotated_data_param", "ImageData": "image_data_param",
		"WindowData": "window_data_param", "HDF5Data": "hdf5_data_param", "DummyData": "dummy_data_param",
	} {
		register(typ, func(s *step) error {
			s.p.ignore(param)
			return s.inputs(func(int) []int { return nil })
		})
	}
}

// inputs makes an input of the model of each top: of the sizes in
// Options.Inputs, or else those that the file states. A top without either is
// not there.
func (s *step) inputs(stated func(top int) []int) error {
	s.preprocessing(s.p.child("transform_param"))
	for i, top := range s.tops {
		dims := stated(i)
		if *s.p.err != nil {
			return *s.p.err
		}
		if _, given := s.t.o.Inputs[top]; dims != nil || given {
			if err := s.t.input(input{name: top, dims: dims, at: s.at}); err != nil {
				return err
			}
		} else {
			gone := fmt.Errorf("blob %q comes from layer %q (%s), which reads data that the model has not: give its sizes in Options.Inputs",
				top, s.name, s.typ)
			s.t.values[top] = value{gone: gone}
			if s.t.missing == nil {
				s.t.missing = gone
			}
		}
		s.written++
	}
	return nil
}

// preprocessing keeps what a data layer does to pictures.
func (s *step) preprocessing(p *params) {
	p.ignore("mirror", "crop_size", "mean_file", "force_color", "force_gray")
	add := func(key string, list []float32) {
		if len(list) > 0 {
			text := strings.Trim(fmt.Sprint(list), "[]")
			s.t.meta = append(s.t.meta, onnx.KeyValue{Key: "ihae.input." + key, Value: strings.ReplaceAll(text, " ", ",")})
		}
	}
	add("mean", p.floats("mean_value"))
	if p.has("scale") {
		add("scale", []float32{p.float("scale", 1)})
	}
}
