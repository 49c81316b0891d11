package torch7

import (
	"math"
	"slices"
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// site is one module being translated.
type site struct {
	t    *translator
	m    *Module
	path string
}

func (s *site) fail(reason string, args ...any) { s.t.fail(s.at(), reason, args...) }

// at is the name of the place and the class, for messages.
func (s *site) at() string { return orRoot(s.path) + " (" + s.m.Class + ")" }

// ofCudnn says whether the class is one of cudnn, not of nn.
func (s *site) ofCudnn() bool { return strings.HasPrefix(s.m.Class, "cudnn.") }

// name is the module's value.
func (s *site) name() string {
	if s.path == "" {
		return s.t.b.Unused("result")
	}
	return s.t.b.Unused(s.path)
}

// add appends a node whose result is the module's.
func (s *site) add(op string, in []string, attrs ...onnx.Attr) string {
	return s.node(s.name(), op, in, attrs...)
}

// part appends a node whose result is on the way to the module's.
func (s *site) part(name, op string, in []string, attrs ...onnx.Attr) string {
	return s.node(s.t.b.Unused(place(s.path, name)), op, in, attrs...)
}

func (s *site) node(name, op string, in []string, attrs ...onnx.Attr) string {
	if s.t.err != nil {
		return name
	}
	return s.t.b.AddAs(name, op, in, attrs...)
}

// number is a field that is a number, or a default.
func (s *site) number(name string, otherwise float64) float64 {
	switch v := s.m.Fields.Get(name).(type) {
	case nil:
		return otherwise
	case float64:
		return v
	}
	s.fail("field %s is no number", name)
	return otherwise
}

// maxSize is the largest size of a kernel, a step, a number of planes, ….
const maxSize = 1 << 24

// size is a field that is a whole number from low on; a default below low means
// that the field must be there.
func (s *site) size(name string, low, otherwise int) int {
	v := s.number(name, float64(otherwise))
	if v != math.Trunc(v) || v < float64(low) || v > maxSize {
		s.fail("field %s is %v, wanted a whole number from %d on", name, v, low)
		return max(low, 1)
	}
	return int(v)
}

// flag is a field that is true or false, or a default.
func (s *site) flag(name string, otherwise bool) bool {
	if v, ok := s.m.Fields.Get(name).(bool); ok {
		return v
	}
	return otherwise
}

// sub is a field that is a module.
func (s *site) sub(name string) *Module {
	m, ok := s.m.Fields.Get(name).(*Module)
	if !ok {
		s.fail("there is no module in field %s", name)
		return nil
	}
	return m
}

// tensor is a field that is a tensor, as float32; ok is false where it is
// absent or without elements.
func (s *site) tensor(name string) (x tensor.Tensor, ok bool) {
	v, _ := s.m.Fields.Get(name).(*Tensor)
	if v == nil || v.Type.Shape.Size() == 0 || s.t.err != nil {
		return tensor.Tensor{}, false
	}
	if !s.t.charge(s.at(), 4*int64(v.Type.Shape.Size())) {
		return tensor.Tensor{}, false
	}
	x, err := v.Dense(math.MaxInt64)
	if err != nil {
		s.fail("%s: %v", name, err)
		return tensor.Tensor{}, false
	}
	return float32s(x), true
}

// param is the name of a parameter in the model, of those sizes, which must be as
// many as the field's; "" where there is none.
func (s *site) param(name string, dims ...int) string {
	v, _ := s.m.Fields.Get(name).(*Tensor)
	if v == nil || v.Type.Shape.Size() == 0 || s.t.err != nil {
		return ""
	}
	shape, err := tensor.CheckedDims(dims...)
	if err != nil || shape.Size() != v.Type.Shape.Size() {
		s.fail("%s has the shape %v, wanted %v", name, v.Type.Shape, dims)
		return ""
	}
	key := initKey{v, shape.String()}
	if held, ok := s.t.inits[key]; ok {
		return held
	}
	x, ok := s.tensor(name)
	if !ok {
		return ""
	}
	if x, err = x.Reshape(shape); err != nil {
		s.fail("%s: %v", name, err)
		return ""
	}
	s.t.inits[key] = s.t.b.Init(place(s.path, name), x)
	return s.t.inits[key]
}

// needed is param for what must be there.
func (s *site) needed(name string, dims ...int) string {
	p := s.param(name, dims...)
	if p == "" {
		s.fail("there is no tensor in field %s", name)
	}
	return p
}

// length is the number of elements of a tensor in a field, 0 without one.
func (s *site) length(name string) int {
	v, _ := s.m.Fields.Get(name).(*Tensor)
	if v == nil {
		return 0
	}
	return v.Type.Shape.Size()
}

// constant adds a number to the model.
func (s *site) constant(name string, v float64) string {
	return s.t.b.Scalar(place(s.path, name), float32(v))
}

// filled adds a vector of n equal numbers.
func (s *site) filled(name string, n int, v float32) string {
	if !s.t.charge(s.at(), 4*int64(n)) {
		return ""
	}
	return s.t.b.Init(place(s.path, name), tensor.From(tensor.Dims(n), slices.Repeat([]float32{v}, n)))
}

// ints adds whole numbers to the model.
func (s *site) ints(name string, v ...int64) string { return s.t.b.Ints(place(s.path, name), v...) }

// one asks for a tensor.
func (s *site) one(x value) bool {
	if x.table && s.t.err == nil {
		s.fail("gets a table, wanted a tensor")
	}
	return s.t.err == nil
}

// many asks for a table of tensors.
func (s *site) many(x value) bool {
	if s.t.err == nil && (!x.table || len(x.items) == 0) {
		s.fail("gets no table")
	}
	for _, v := range x.items {
		if v.table {
			s.fail("gets a table of tables")
		}
	}
	return s.t.err == nil
}

// axis is dimension d of Lua, from 1 on or, negative, from the end, as an axis of
// the model.
func (s *site) axis(d int) int64 {
	if d > 0 && !s.t.single {
		d--
	}
	return int64(d)
}

// exampleAxis is [site.axis], but counted from behind the axis of examples where a
// field says that an example has fewer axes than the input, at most so many fewer;
// an input of unknown rank is taken to have one more.
func (s *site) exampleAxis(d int, field string, rank, most int) int64 {
	if n := s.size(field, 0, 0); d > 0 && n > 0 && (rank == 0 || rank > n && rank <= n+most) {
		return int64(d)
	}
	return s.axis(d)
}

// dimension is a field that names a dimension.
func (s *site) dimension(name string) int {
	v := s.number(name, 0)
	if v != math.Trunc(v) || v == 0 || math.Abs(v) > tensor.MaxRank {
		s.fail("field %s is %v, wanted a dimension", name, v)
		return 1
	}
	return int(v)
}
