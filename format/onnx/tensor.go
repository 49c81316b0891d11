package onnx

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/ihae/ihae/tensor"
)

// Tensor is values in a file, or made for one. Its elements are looked at when
// Value is called for the first time, and never copied where they lie as they
// must.
type Tensor struct {
	Name string
	Doc  string
	Elem Elem
	Dims []int64

	raw      []byte // little-endian elements, packed below 8 bits
	strs     []string
	external *external
	meta     []KeyValue

	once  sync.Once
	value tensor.Tensor
	err   error
}

// NewTensor is t under a name. t must not change afterwards.
func NewTensor(name string, t tensor.Tensor) *Tensor {
	e, ok := ElemOf(t.DType())
	y := &Tensor{Name: name, Elem: e, value: t}
	for _, d := range t.Shape().Dims() {
		y.Dims = append(y.Dims, int64(d))
	}
	if !ok {
		y.err = fmt.Errorf("onnx: the format has no %v", t.DType())
	}
	y.once.Do(func() {})
	return y
}

// NewStrings is a tensor of texts under a name, in row-major order.
func NewStrings(name string, dims []int64, values []string) *Tensor {
	return &Tensor{Name: name, Elem: ElemString, Dims: dims, strs: values}
}

// Strings is the elements of a tensor of texts, in row-major order.
func (t *Tensor) Strings() []string { return t.strs }

// Value is the tensor. It fails for texts and complex numbers, which have no
// [tensor.DType], and where an external file does not hold what it should.
func (t *Tensor) Value() (tensor.Tensor, error) {
	t.once.Do(func() { t.value, t.err = t.load() })
	return t.value, t.err
}

// Size is the number of elements; ok is false if the dimensions are negative or
// their product is too large for any memory.
func (t *Tensor) Size() (n int64, ok bool) {
	n = 1
	for _, d := range t.Dims {
		switch {
		case d < 0:
			return 0, false
		case d == 0:
			return 0, true
		case n > (1<<46)/d:
			return 0, false
		}
		n *= d
	}
	return n, true
}

// Type is the tensor's type here.
func (t *Tensor) Type() (tensor.Type, error) {
	d, ok := t.Elem.DType()
	if !ok {
		return tensor.Type{}, fmt.Errorf("onnx: tensor %q holds %v, which has no arithmetic", t.Name, t.Elem)
	}
	dims := make([]int, len(t.Dims))
	for i, v := range t.Dims {
		dims[i] = int(v)
	}
	s, err := tensor.CheckedDims(dims...)
	if err != nil {
		return tensor.Type{}, fmt.Errorf("onnx: tensor %q: %w", t.Name, err)
	}
	return tensor.Type{DType: d, Shape: s}, nil
}

func (t *Tensor) load() (tensor.Tensor, error) {
	typ, err := t.Type()
	if err != nil {
		return tensor.Tensor{}, err
	}
	raw := t.raw
	if t.external != nil {
		if raw, err = t.external.bytes(t.storedSize()); err != nil {
			return tensor.Tensor{}, fmt.Errorf("onnx: tensor %q: %w", t.Name, err)
		}
	}
	if want := t.storedSize(); int64(len(raw)) != want {
		return tensor.Tensor{}, fmt.Errorf("onnx: tensor %q of %v has %d bytes, want %d", t.Name, typ, len(raw), want)
	}
	if t.Elem.bits() < 8 {
		return unpacked(typ, raw, t.Elem.bits()), nil
	}
	if t.Elem == elemBool && slices.ContainsFunc(raw, func(b byte) bool { return b > 1 }) {
		raw = slices.Clone(raw) // any number but 0 is true
		for i, b := range raw {
			raw[i] = min(b, 1)
		}
	}
	if littleEndian {
		if v, err := tensor.View(typ, raw); err == nil {
			return v, nil
		}
	}
	v := tensor.New(typ)
	copy(v.Bytes(), raw)
	swap(v.Bytes(), typ.DType.Size())
	return v, nil
}

// unpacked spreads elements of 4 or 2 bits, the first in the lowest bits, to one
// a byte, as tensors hold them.
func unpacked(typ tensor.Type, raw []byte, bits int) tensor.Tensor {
	v := tensor.New(typ)
	per, mask := 8/bits, byte(1<<bits-1)
	for i := range v.Bytes() {
		v.Bytes()[i] = raw[i/per] >> (i % per * bits) & mask
	}
	return v
}

// packed is the elements of a tensor as a file holds them.
func packed(v tensor.Tensor, bits int) []byte {
	if bits >= 8 {
		b := v.Bytes()
		if !littleEndian {
			b = slices.Clone(b)
			swap(b, v.DType().Size())
		}
		return b
	}
	per, mask := 8/bits, byte(1<<bits-1)
	raw := make([]byte, (len(v.Bytes())+per-1)/per)
	for i, e := range v.Bytes() {
		raw[i/per] |= e & mask << (i % per * bits)
	}
	return raw
}

// stored is the elements of t as a file holds them.
func (t *Tensor) stored() ([]byte, error) {
	if t.raw != nil {
		return t.raw, nil
	}
	if t.external != nil {
		raw, err := t.external.bytes(t.storedSize())
		if err != nil {
			return nil, fmt.Errorf("onnx: tensor %q: %w", t.Name, err)
		}
		return raw, nil
	}
	v, err := t.Value()
	if err != nil {
		return nil, err
	}
	return packed(v, t.Elem.bits()), nil
}

// storedSize is the bytes of stored; 0 for texts.
func (t *Tensor) storedSize() int64 {
	n, _ := t.Size()
	return (n*int64(t.Elem.bits()) + 7) / 8
}

var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// swap reverses the bytes of each element on machines that are not
// little-endian.
func swap(b []byte, size int) {
	if size < 2 || littleEndian {
		return
	}
	for e := range slices.Chunk(b, size) {
		slices.Reverse(e)
	}
}
