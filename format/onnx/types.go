package onnx

import (
	"fmt"
	"strings"

	"github.com/ihae/ihae/tensor"
)

// Elem is an element type by its number in files.
type Elem int32

// The element types that are no [tensor.DType].
const (
	ElemNone       Elem = 0
	ElemString     Elem = 8
	ElemComplex64  Elem = 14
	ElemComplex128 Elem = 15
)

// Those that are read in a way of their own.
const (
	elemFloat32 Elem = 1
	elemBool    Elem = 9
	elemFloat64 Elem = 11
)

// elemNames has the names of element types, at their numbers: those of package
// tensor where it has them.
var elemNames = [...]string{
	1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string", 9: "bool",
	10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128", 16: "bfloat16",
	17: "float8e4m3fn", 18: "float8e4m3fnuz", 19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4", 22: "int4",
	23: "float4e2m1", 24: "float8e8m0", 25: "uint2", 26: "int2",
}

// String is the name, such as "float32".
func (e Elem) String() string {
	if e > 0 && int(e) < len(elemNames) {
		return elemNames[e]
	}
	return fmt.Sprintf("element type %d", int32(e))
}

// DType is the element type that tensors of e have here; ok is false for
// strings, complex numbers and numbers that stand for nothing.
func (e Elem) DType() (d tensor.DType, ok bool) {
	d, err := tensor.ParseDType(e.String())
	return d, err == nil
}

// ElemOf is the number of d in files; ok is false if it has none.
func ElemOf(d tensor.DType) (e Elem, ok bool) {
	for i, name := range elemNames {
		if name != "" && name == d.Name() {
			return Elem(i), true
		}
	}
	return 0, false
}

// bits is the size of an element in raw data; 0 for strings.
func (e Elem) bits() int {
	switch e {
	case ElemComplex64:
		return 64
	case ElemComplex128:
		return 128
	}
	d, _ := e.DType()
	return d.Bits()
}

// TypeKind is what kind of value a type describes.
type TypeKind uint8

// The kinds.
const (
	TensorType TypeKind = iota
	SequenceType
	OptionalType
	MapType
	SparseType
)

// Type is the type of a value.
type Type struct {
	Kind   TypeKind
	Elem   Elem  // of tensors; of maps, the type of the keys
	Ranked bool  // a tensor's shape is given
	Dims   []Dim // of ranked tensors
	Of     *Type // what a sequence, optional or map holds
}

// Dim is one axis: a size, or a name that stands for one, or neither (-1).
type Dim struct {
	Size int64
	Name string
}

// String writes a type as in "float32[N 3 224 224]".
func (t *Type) String() string {
	switch {
	case t == nil:
		return "any"
	case t.Kind == SequenceType:
		return "seq(" + t.Of.String() + ")"
	case t.Kind == OptionalType:
		return "optional(" + t.Of.String() + ")"
	case t.Kind == MapType:
		return "map(" + t.Elem.String() + ", " + t.Of.String() + ")"
	case !t.Ranked:
		return t.Elem.String()
	}
	dims := make([]string, len(t.Dims))
	for i, d := range t.Dims {
		dims[i] = d.String()
	}
	return t.Elem.String() + "[" + strings.Join(dims, " ") + "]"
}

// String writes a dimension: its size, its name, or "?".
func (d Dim) String() string {
	switch {
	case d.Name != "":
		return d.Name
	case d.Size < 0:
		return "?"
	}
	return fmt.Sprint(d.Size)
}

// TensorOf is the type of tensors of e. A dimension is an int, a string (a name
// that stands for a size), or nil (unknown).
func TensorOf(e Elem, dims ...any) *Type {
	t := &Type{Elem: e, Ranked: true, Dims: make([]Dim, len(dims))}
	for i, d := range dims {
		switch d := d.(type) {
		case int:
			t.Dims[i] = Dim{Size: int64(d)}
		case string:
			t.Dims[i] = Dim{Size: -1, Name: d}
		default:
			t.Dims[i] = Dim{Size: -1}
		}
	}
	return t
}

// TypeOf is the type of t with fixed dimensions.
func TypeOf(t tensor.Type) *Type {
	e, _ := ElemOf(t.DType)
	y := &Type{Elem: e, Ranked: true}
	for i := range t.Shape.Rank() {
		y.Dims = append(y.Dims, Dim{Size: int64(t.Shape.Dim(i))})
	}
	return y
}
