package caffe

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register("Reduction", (*step).reduction)
	register("ArgMax", (*step).argMax)
	register("Embed", (*step).embed)
}

// reduction adds up x, |x| or x², or takes the mean, over all axes from one on.
func (s *step) reduction() error {
	if err := s.takes(1, 1); err != nil {
		return err
	}
	x := s.in[0]
	p := s.p.child("reduction_param")
	op, coeff := p.choice("operation", "", "SUM", "ASUM", "SUMSQ", "MEAN"), p.float("coeff", 1)
	axis, err := s.axis(p.int("axis", 0))
	if err != nil {
		return err
	}
	var axes []int
	for i := axis; i < len(x.dims); i++ {
		axes = append(axes, i)
	}
	in, attrs := []string{x.name}, []onnx.Attr{onnx.Int("keepdims", 0)}
	name := map[string]string{"SUM": "ReduceSum", "ASUM": "ReduceL1", "SUMSQ": "ReduceSumSquare", "MEAN": "ReduceMean"}[op]
	if op == "SUM" {
		in = append(in, s.ints("axes", axes...))
	} else {
		attrs = append(attrs, onnx.Ints("axes", int64s(axes)...))
	}
	if coeff == 1 {
		return s.out(x.dims[:axis], name, in, attrs...)
	}
	return s.out(x.dims[:axis], "Mul", []string{s.node(name, in, attrs...), s.scalar("coeff", coeff)})
}

// argMax gives the places, as numbers, or the values of the largest elements
// along an axis or of each example; without an axis, both on request. Of equal
// elements the last is taken first.
func (s *step) argMax() error {
	if err := s.takes(1, 1); err != nil {
		return err
	}
	x := s.in[0]
	p := s.p.child("argmax_param")
	k, values, along := p.size("top_k", 1, 1), p.flag("out_max_val", false), p.has("axis")
	axis, err := s.axis(p.int("axis", 0))
	if err != nil {
		return err
	}
	if !along {
		axis = 1
		v := value{name: s.node("Flatten", []string{x.name}, onnx.Int("axis", 1)), dims: []int{x.dims[0], product(x.dims[1:])}}
		x = v
	}
	size, err := known(x.dims[axis : axis+1])
	switch {
	case err != nil:
		return err
	case k > size:
		return fmt.Errorf("the %d largest of %d", k, size)
	}
	largest, place := s.largest(x, axis, k, size)
	dims := slices.Clone(x.dims)
	dims[axis] = k
	switch {
	case along && values:
		return s.out(dims, "Identity", []string{largest})
	case along:
		return s.out(dims, "Identity", []string{place})
	}
	shape := slices.Repeat([]int{1}, max(3, len(s.in[0].dims)))
	shape[0], shape[2] = x.dims[0], k
	if values {
		shape[1] = 2
		place = s.node("Concat", []string{place, largest}, onnx.Int("axis", 1))
	}
	list, err := s.shape(x.dims, shape)
	if err != nil {
		return err
	}
	return s.out(shape, "Reshape", []string{place, s.ints("shape", list...)})
}

// largest is the k largest elements along an axis and their places. TopK takes
// the first of equal elements, so it looks from the end.
func (s *step) largest(x value, axis, k, size int) (largest, place string) {
	turned := s.node("Slice", []string{x.name, s.ints("starts", -1), s.ints("ends", -size-1), s.ints("axes", axis), s.ints("steps", -1)})
	name := s.t.fresh(s.name + "/TopK")
	at := s.t.fresh(name + ":places")
	s.b.AddNode(&onnx.Node{
		Op: "TopK", Name: s.t.node(name), In: []string{turned, s.ints("k", k)},
		Out: []string{name, at}, Attrs: []onnx.Attr{onnx.Int("axis", int64(axis))},
	}, 2)
	places := s.node("Sub", []string{s.ints("last", size-1), at})
	return name, s.node("Cast", []string{places}, onnx.Int("to", int64(elem)))
}

// embed looks up rows of a table; the numbers of the rows are floats.
func (s *step) embed() error {
	if err := s.takes(1, 0); err != nil {
		return err
	}
	x := s.in[0]
	p := s.p.child("embed_param")
	p.ignore("weight_filler", "bias_filler")
	outputs, rows, bias := p.size("num_output", 0, 1), p.size("input_dim", 0, 1), p.flag("bias_term", true)
	table, err := s.init(0, "weight", rows, outputs)
	if err != nil {
		return err
	}
	int64Elem, _ := onnx.ElemOf(tensor.Int64)
	places := s.node("Cast", []string{x.name}, onnx.Int("to", int64(int64Elem)))
	dims := append(slices.Clone(x.dims), outputs)
	if !bias {
		return s.out(dims, "Gather", []string{table, places})
	}
	b, err := s.init(1, "bias", outputs)
	if err != nil {
		return err
	}
	return s.out(dims, "Add", []string{s.node("Gather", []string{table, places}), b})
}
