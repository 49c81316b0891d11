package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/ihae/ihae/tensor"
)

// Numpy is the functions by which NumPy 1 and 2 pickle arrays, scalars and
// element types; arrays and scalars become *[NDArray]. It is for
// [Options.Builders].
func Numpy() map[string]Build {
	m := map[string]Build{"numpy ndarray": nil, "numpy dtype": newNumpyType}
	for _, core := range []string{"numpy.core.", "numpy._core."} {
		m[core+"multiarray _reconstruct"] = newArray
		m[core+"multiarray scalar"] = newScalar
		m[core+"numeric _frombuffer"] = fromBuffer
	}
	return m
}

// NDArray is an array or, without axes, a scalar of NumPy.
type NDArray struct {
	Type    string // NumPy's code without the order of bytes: f4
	Shape   []int
	Items   []any // the elements of an array of objects
	order   byte  // of bytes: <, > or |
	fortran bool  // the first axis varies fastest
	data    Bytes
}

// numpyType is NumPy's dtype.
type numpyType struct {
	code       string
	order      byte
	structured bool
}

func newNumpyType(args []any) (any, error) {
	if len(args) == 0 {
		return nil, errors.New("no name of a type")
	}
	code, ok := Text(args[0])
	if !ok || len(code) > 32 {
		return nil, fmt.Errorf("a type by %s", TypeName(args[0]))
	}
	t := &numpyType{code: code, order: '<'}
	if code != "" && strings.IndexByte("<>|=", code[0]) >= 0 {
		t.code, t.order = code[1:], code[0]
	}
	return t, nil
}

// SetState takes (version, order, subtype, names, fields, size, alignment, …).
func (t *numpyType) SetState(state any) error {
	s, ok := state.(*Tuple)
	if !ok || len(s.Items) < 5 {
		return fmt.Errorf("the state of an element type is a %s", TypeName(state))
	}
	order, ok := Text(s.Items[1])
	if !ok || len(order) != 1 || strings.IndexByte("<>|=", order[0]) < 0 {
		return errors.New("an element type without order of bytes")
	}
	t.order = order[0]
	t.structured = s.Items[2] != nil || s.Items[3] != nil || s.Items[4] != nil
	return nil
}

// newArray takes (class, shape, code) and makes an array that BUILD fills.
func newArray(args []any) (any, error) {
	if len(args) != 3 {
		return nil, fmt.Errorf("%d arguments, wanted 3", len(args))
	}
	return &NDArray{}, nil
}

// SetState takes (version, shape, type, whether Fortran order, data), the
// version being absent in old files.
func (a *NDArray) SetState(state any) error {
	s, ok := state.(*Tuple)
	if !ok || len(s.Items) < 4 {
		return fmt.Errorf("the state of an array is a %s", TypeName(state))
	}
	items := s.Items[len(s.Items)-4:]
	fortran, isBool := items[2].(bool)
	if n, isInt := items[2].(int64); isInt {
		fortran, isBool = n != 0, true
	}
	if !isBool {
		return fmt.Errorf("an order of axes that is a %s", TypeName(items[2]))
	}
	a.fortran = fortran
	return a.fill(items[0], items[1], items[3])
}

// fill checks shape, type and data against each other.
func (a *NDArray) fill(shape, typ, data any) error {
	if err := a.setShape(shape); err != nil {
		return err
	}
	t, ok := typ.(*numpyType)
	if !ok {
		return fmt.Errorf("the element type of an array is a %s", TypeName(typ))
	}
	a.Type, a.order = t.code, t.order
	if t.structured {
		a.Type = "structured"
	}
	switch d := data.(type) {
	case Bytes:
		a.data = d
	case *List:
		a.Items = d.Items
	default:
		return fmt.Errorf("the elements of an array are a %s", TypeName(data))
	}
	return nil
}

func (a *NDArray) setShape(shape any) error {
	s, ok := shape.(*Tuple)
	if !ok || len(s.Items) > 64 {
		return fmt.Errorf("the shape of an array is a %s", TypeName(shape))
	}
	a.Shape = make([]int, len(s.Items))
	for i, v := range s.Items {
		n, ok := v.(int64)
		if !ok || n < 0 || n > 1<<56 {
			return fmt.Errorf("axis %d of an array has a size out of range", i)
		}
		a.Shape[i] = int(n)
	}
	return nil
}

// newScalar takes (type, bytes).
func newScalar(args []any) (any, error) {
	if len(args) != 2 {
		return nil, fmt.Errorf("%d arguments, wanted a type and bytes", len(args))
	}
	a := &NDArray{}
	return a, a.fill(&Tuple{}, args[0], args[1])
}

// fromBuffer takes (bytes, type, shape, order), which protocol 5 writes.
func fromBuffer(args []any) (any, error) {
	if len(args) != 4 {
		return nil, fmt.Errorf("%d arguments, wanted bytes, type, shape and order", len(args))
	}
	order, _ := Text(args[3])
	if order != "C" && order != "F" {
		return nil, fmt.Errorf("order %.40q", order)
	}
	a := &NDArray{fortran: order == "F"}
	return a, a.fill(args[2], args[1], args[0])
}

// numpyTypes is the codes of the element types that package tensor has.
var numpyTypes = map[string]tensor.DType{
	"f2": tensor.Float16, "f4": tensor.Float32, "f8": tensor.Float64,
	"i1": tensor.Int8, "i2": tensor.Int16, "i4": tensor.Int32, "i8": tensor.Int64,
	"u1": tensor.Uint8, "u2": tensor.Uint16, "u4": tensor.Uint32, "u8": tensor.Uint64,
	"b1": tensor.Bool,
}

// TensorType is the type of a as a tensor. Elements that are no numbers, a
// shape of too many axes, and bytes that the shape does not need are errors.
func (a *NDArray) TensorType() (tensor.Type, error) {
	d, ok := numpyTypes[a.Type]
	if !ok {
		return tensor.Type{}, fmt.Errorf("an array of NumPy's type %.40q is not read, only of plain numbers", a.Type)
	}
	s, err := tensor.CheckedDims(a.Shape...)
	if err != nil {
		return tensor.Type{}, err
	}
	hi, want := bits.Mul64(uint64(s.Size()), uint64(d.Size()))
	if hi != 0 || want != uint64(len(a.data)) {
		return tensor.Type{}, fmt.Errorf("an array %s%v has %d bytes, wanted %d", d, a.Shape, len(a.data), want)
	}
	return tensor.Type{DType: d, Shape: s}, nil
}

// Tensor is a as a tensor of its own.
func (a *NDArray) Tensor() (tensor.Tensor, error) {
	t, err := a.TensorType()
	if err != nil {
		return tensor.Tensor{}, err
	}
	if t.DType == tensor.Bool {
		if k := strings.IndexFunc(string(a.data), func(r rune) bool { return r > 1 }); k >= 0 {
			return tensor.Tensor{}, fmt.Errorf("element %d of an array is a bool of value %d", k, a.data[k])
		}
	}
	x := tensor.New(t)
	copy(x.Bytes(), a.data)
	size := t.DType.Size()
	if big := binary.NativeEndian.Uint16([]byte{1, 0}) != 1; size > 1 && (a.order == '>') != big {
		for e := range slices.Chunk(x.Bytes(), size) {
			slices.Reverse(e)
		}
	}
	if !a.fortran || t.Shape.Rank() < 2 {
		return x, nil
	}
	strides, n := make([]int, t.Shape.Rank()), 1
	for i := range strides {
		strides[i] = n
		n *= t.Shape.Dim(i)
	}
	return tensor.Strided(t, x.Bytes(), 0, strides)
}

// Number is the value of an array of one element: int64, float64 or bool. An
// integer above those of int64 is none.
func (a *NDArray) Number() (any, bool) {
	t, err := a.TensorType()
	if err != nil || t.Shape.Size() != 1 {
		return nil, false
	}
	x, err := a.Tensor()
	if err != nil {
		return nil, false
	}
	switch w := tensor.Widen(x); t.DType.Kind() {
	case tensor.KindFloat:
		return w.F[0], true
	case tensor.KindBool:
		return w.I[0] != 0, true
	default:
		return w.I[0], t.DType != tensor.Uint64 || w.I[0] >= 0
	}
}
