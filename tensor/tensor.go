// Package tensor holds shapes, element types and dense arrays. It does no
// mathematics: package ops defines the operations, package exec runs them.
package tensor

import (
	"fmt"
	"runtime"
	"unsafe"
)

// Tensor is a dense array in row-major order. Copies share the elements.
type Tensor struct {
	typ Type
	mem []byte
}

// Element is the Go types that elements can be seen as. Float16 and BFloat16
// are seen as their bits, uint16; Bool, floats of up to 8 bits and unsigned
// integers below 8 bits as uint8; signed integers below 8 bits as int8.
type Element interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

// Align is the alignment of a tensor's memory in bytes: a cache line, and the
// widest vector.
const Align = 64

// New returns a tensor of zeros.
func New(t Type) Tensor { return Tensor{t, alignedBytes(t.Bytes())} }

func alignedBytes(n int) []byte {
	b := make([]byte, n+Align)
	o := -int(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) & (Align - 1)
	return b[o : o+n : o+n]
}

// anyAlignment says that this processor loads and stores numbers at any address.
const anyAlignment = runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64"

// View makes a tensor of t over mem, which it shares. mem must be as long as
// t.Bytes says and, except on amd64 and arm64, aligned to the element.
func View(t Type, mem []byte) (Tensor, error) {
	if len(mem) != t.Bytes() {
		return Tensor{}, fmt.Errorf("tensor: %v needs %d bytes, got %d", t, t.Bytes(), len(mem))
	}
	if at := uintptr(unsafe.Pointer(unsafe.SliceData(mem))); !anyAlignment && len(mem) > 0 && at%uintptr(t.DType.Size()) != 0 {
		return Tensor{}, fmt.Errorf("tensor: memory of %v is not aligned to its elements", t)
	}
	return Tensor{t, mem}, nil
}

// From makes a tensor over data, which it shares. It panics when the number of
// elements does not fit the shape: a mistake in the caller's source.
func From[T Element](s Shape, data []T) Tensor {
	if len(data) != s.Size() {
		panic(fmt.Sprintf("tensor: %v has %d elements, got %d", s, s.Size(), len(data)))
	}
	t := Type{dtypeOf[T](), s}
	return Tensor{t, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(data))), t.Bytes())}
}

// Scalar is a tensor of rank 0.
func Scalar[T Element](v T) Tensor { return From(Dims(), []T{v}) }

func dtypeOf[T Element]() DType {
	var v T
	switch any(v).(type) {
	case int8:
		return Int8
	case int16:
		return Int16
	case int32:
		return Int32
	case int64:
		return Int64
	case uint8:
		return Uint8
	case uint16:
		return Uint16
	case uint32:
		return Uint32
	case uint64:
		return Uint64
	case float32:
		return Float32
	case float64:
		return Float64
	}
	panic(fmt.Sprintf("tensor: no element type for %T", v))
}

// Type is the element type and shape.
func (t Tensor) Type() Type { return t.typ }

// Shape is the size of each axis.
func (t Tensor) Shape() Shape { return t.typ.Shape }

// DType is the element type.
func (t Tensor) DType() DType { return t.typ.DType }

// Bytes is the memory of t, shared.
func (t Tensor) Bytes() []byte { return t.mem }

// IsZero says whether t is the zero Tensor, which has no type.
func (t Tensor) IsZero() bool { return t.typ == Type{} }

// Of is the elements of t, shared. It panics when T is not the Go type of t's
// elements: a mistake in the caller's source.
func Of[T Element](t Tensor) []T {
	if d := dtypeOf[T](); d != seenAs(t.typ.DType) {
		panic(fmt.Sprintf("tensor: %v seen as %v", t.typ.DType, d))
	}
	return view[T](t.mem)
}

// seenAs is the element type whose Go type the elements of d are seen as.
func seenAs(d DType) DType {
	if d.info != nil && d.info.seen != (DType{}) {
		return d.info.seen
	}
	return d
}

// Floats is the float32 elements of t, shared.
func (t Tensor) Floats() []float32 { return Of[float32](t) }

// Reshape is t with another shape of as many elements, shared.
func (t Tensor) Reshape(s Shape) (Tensor, error) {
	if s.Size() != t.Shape().Size() {
		return Tensor{}, fmt.Errorf("tensor: %v cannot become %v", t.Shape(), s)
	}
	return Tensor{Type{t.DType(), s}, t.mem}, nil
}

// Clone is a copy with memory of its own.
func (t Tensor) Clone() Tensor {
	c := New(t.typ)
	copy(c.mem, t.mem)
	return c
}

// view sees bytes as elements of T.
func view[T Element](b []byte) []T {
	var v T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(v)))
}
