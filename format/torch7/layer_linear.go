package torch7

import (
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// Modules for vectors, and changes of shape.
func init() {
	define(map[string]layer{
		"Linear":             {linear, vectorOf("weight", 1)},
		"BatchNormalization": {batchNorm, vectorOf("running_mean", 0)},
		"Add":                {addVector, biasLength},
		"CMul":               {elementwise("Mul", "weight"), nil},
		"CAdd":               {elementwise("Add", "bias"), nil},
		"Reshape":            {reshape, flatOf},
		"View":               {view, flatOf},
		"Replicate":          {replicate, nil},
		"Transpose":          {transpose, nil},
		"Narrow":             {narrow, nil},
		"Select":             {selectAxis, nil},
	})
}

func scalarInt(v int64) tensor.Tensor { return tensor.Scalar(v) }

// linear: x·Wᵀ + b, W [Out In].
func linear(s *site, x value) value {
	v, _ := s.m.Fields.Get("weight").(*Tensor)
	if !s.one(x) {
		return x
	}
	if v == nil || v.Type.Shape.Rank() != 2 {
		s.fail("there is no matrix in field weight")
		return x
	}
	out, in := v.Type.Shape.Dim(0), v.Type.Shape.Dim(1)
	args := []string{x.name, s.needed("weight", out, in)}
	if b := s.param("bias", out); b != "" {
		args = append(args, b)
	}
	return tensorValue(s.add("Gemm", args, onnx.Int("transB", 1)), 2)
}

// batchNorm normalises by the running statistics. Files of the first version
// have one over the deviation in place of the variance.
func batchNorm(s *site, x value) value {
	n := s.length("running_mean")
	if !s.one(x) {
		return x
	}
	if n == 0 {
		s.fail("there is no tensor in field running_mean")
		return x
	}
	eps := s.number("eps", 1e-5)
	scale, shift := s.param("weight", n), s.param("bias", n)
	if scale == "" {
		scale = s.filled("weight", n, 1)
	}
	if shift == "" {
		shift = s.filled("bias", n, 0)
	}
	args := []string{x.name, scale, shift, s.needed("running_mean", n), s.variance(n, eps)}
	return tensorValue(s.add("BatchNormalization", args, onnx.Float("epsilon", float32(eps))), x.rank)
}

func (s *site) variance(n int, eps float64) string {
	if v := s.param("running_var", n); v != "" {
		return v
	}
	inverse, ok := s.tensor("running_std")
	if !ok || inverse.Shape().Size() != n {
		s.fail("there is neither running_var nor running_std of %d elements", n)
		return ""
	}
	out := make([]float32, n)
	for i, v := range inverse.Floats() {
		out[i] = float32(1/(float64(v)*float64(v)) - eps)
	}
	return s.t.b.Init(place(s.path, "running_var"), tensor.From(tensor.Dims(n), out))
}

// addVector adds a bias: one number, or one for each element of an example.
func addVector(s *site, x value) value {
	n := s.length("bias")
	if !s.one(x) {
		return x
	}
	return tensorValue(s.add("Add", []string{x.name, s.needed("bias", max(n, 1))}), x.rank)
}

// biasLength is the input of nn.Add, which is not told by the one number that it
// adds to all elements.
func biasLength(m *Module) []int {
	if dims := vectorOf("bias", 0)(m); len(dims) == 1 && dims[0] != 1 {
		return dims
	}
	return nil
}

// elementwise has a tensor of the sizes of an example, or of 1 where it is
// repeated.
func elementwise(op, field string) func(*site, value) value {
	return func(s *site, x value) value {
		v, _ := s.m.Fields.Get(field).(*Tensor)
		if !s.one(x) {
			return x
		}
		if v == nil {
			s.fail("there is no tensor in field %s", field)
			return x
		}
		return tensorValue(s.add(op, []string{x.name, s.needed(field, v.Type.Shape.Dims()...)}), x.rank)
	}
}

// reshape gives each example the shape.
func reshape(s *site, x value) value {
	list := listOf(s.m, "size")
	if !s.one(x) {
		return x
	}
	if len(list) == 0 {
		s.fail("field size is no list of sizes")
		return x
	}
	if v, ok := s.m.Fields.Get("batchMode").(bool); ok && !v {
		s.fail("it gives all examples together one shape (batchMode is false)")
		return x
	}
	return s.shaped(x, 0, list)
}

// view gives each example the shape; where it has no open size, the number of
// examples is what is left over. An open size that comes first, before others, is
// the number of examples itself, unless numInputDims says what an example is
// (torch/nn, View.lua).
func view(s *site, x value) value {
	list := listOf(s.m, "size")
	if !s.one(x) {
		return x
	}
	if len(list) == 0 {
		s.fail("field size is no list of sizes")
		return x
	}
	n := s.size("numInputDims", 0, 0)
	switch {
	case !slices.Contains(list, -1):
		return s.shaped(x, -1, list)
	case n > 0 && x.rank > n+1:
		s.fail("an example has %d dimensions (numInputDims), its input with the axis of examples %d", n, x.rank)
	case n == 0 && !s.t.single && list[0] == -1 && len(list) > 1:
		return s.shaped(x, -1, list[1:])
	}
	return s.shaped(x, 0, list)
}

// shaped appends the change of shape; first is the number of examples: 0 keeps
// it, -1 lets it be found.
func (s *site) shaped(x value, first int64, list []int) value {
	dims := []int64{first}
	for _, d := range list {
		dims = append(dims, int64(d))
	}
	return tensorValue(s.add("Reshape", []string{x.name, s.ints("size", dims...)}), len(dims))
}

// replicate repeats the input along a new axis.
func replicate(s *site, x value) value {
	n, d := s.size("nfeatures", 1, 0), s.size("dim", 1, 1)
	if !s.one(x) {
		return x
	}
	axis := int(s.exampleAxis(d, "ndim", x.rank, tensor.MaxRank))
	if x.rank == 0 || axis > x.rank {
		s.fail("it cannot be told how many axes its input has, or they are too few")
		return x
	}
	wide := s.part("wide", "Unsqueeze", []string{x.name, s.ints("axis", int64(axis))})
	shape := make([]int64, x.rank+1-axis)
	for i := range shape {
		shape[i] = 1
	}
	shape[0] = int64(n)
	return tensorValue(s.add("Expand", []string{wide, s.ints("shape", shape...)}), x.rank+1)
}

// transpose swaps pairs of dimensions, one after another. They are counted from
// behind the axis of examples where numInputDims says what an example is.
func transpose(s *site, x value) value {
	pairs, _ := s.m.Fields.Get("permutations").(*Table)
	if !s.one(x) {
		return x
	}
	if pairs == nil || x.rank == 0 {
		s.fail("there is no list in field permutations, or it cannot be told how many axes the input has")
		return x
	}
	order := make([]int64, x.rank)
	for i := range order {
		order[i] = int64(i)
	}
	first := int(s.axis(1))
	if n := s.size("numInputDims", 0, 0); n > 0 {
		first = x.rank - n
	}
	for _, p := range pairs.List() {
		t, _ := p.(*Table)
		if t == nil {
			s.fail("field permutations is no list of pairs")
			return x
		}
		a, b := s.swapped(t.Item(1), first, x.rank), s.swapped(t.Item(2), first, x.rank)
		order[a], order[b] = order[b], order[a]
	}
	return tensorValue(s.add("Transpose", []string{x.name}, onnx.Ints("perm", order...)), x.rank)
}

// swapped is the axis of a dimension, of which number 1 is axis first.
func (s *site) swapped(v any, first, rank int) int {
	d, ok := v.(float64)
	axis := first + int(d) - 1
	if !ok || d < 1 || d > tensor.MaxRank || axis < 0 || axis >= rank {
		s.fail("swaps dimension %v of %d", v, rank)
		return 0
	}
	return axis
}

// narrow keeps length places from index on.
func narrow(s *site, x value) value {
	axis := s.axis(s.dimension("dimension"))
	from, n := s.size("index", 1, 0), s.size("length", 1, 1)
	if !s.one(x) {
		return x
	}
	args := []string{x.name, s.ints("start", int64(from-1)), s.ints("end", int64(from-1+n)), s.ints("axis", axis)}
	return tensorValue(s.add("Slice", args), x.rank)
}

// selectAxis keeps one place and drops the axis.
func selectAxis(s *site, x value) value {
	axis := s.axis(s.dimension("dimension"))
	i := int64(s.number("index", 1))
	if i > 0 {
		i--
	}
	if !s.one(x) {
		return x
	}
	at := s.t.b.Init(place(s.path, "index"), scalarInt(i))
	return tensorValue(s.add("Gather", []string{x.name, at}, onnx.Int("axis", axis)), max(0, x.rank-1))
}
