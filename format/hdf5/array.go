package hdf5

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/ihae/ihae/tensor"
)

// array is what datasets and attributes have in common: elements in row-major
// order.
type array struct {
	file  *File
	name  string // of the dataset or attribute, for messages
	place int64  // of the elements in the file, for messages
	elem  datatype
	space dataspace
}

// bad is an error at the elements.
func (a *array) bad(offset int64, reason string, args ...any) error {
	return &FormatError{a.name, a.place + offset, fmt.Sprintf(reason, args...)}
}

// Dims is the size of each axis, outermost first; none for a single element.
func (a *array) Dims() []uint64 { return slices.Clone(a.space.dims) }

// Type is the type that Tensor gives. Elements that are no numbers are an error
// that names what they are.
func (a *array) Type() (tensor.Type, error) { return a.numbers() }

// IsText says whether the elements are strings.
func (a *array) IsText() bool { return a.elem.text != noText }

// numbers is the type of an array of numbers, which fits into the memory allowed.
func (a *array) numbers() (tensor.Type, error) {
	what := a.elem.other
	if a.elem.text != noText {
		what = "string"
	}
	if what != "" {
		return tensor.Type{}, a.bad(0, "elements of class %s are not numbers that can be read", what)
	}
	s, err := a.space.shape()
	if err != nil {
		return tensor.Type{}, a.bad(0, "%v", err)
	}
	t := tensor.Type{DType: a.elem.dtype, Shape: s}
	if n := int64(s.Size()); n > a.file.limits.Memory/int64(a.elem.size) {
		return t, a.bad(0, "%v has more than the %d bytes allowed", t, a.file.limits.Memory)
	}
	return t, nil
}

// finish turns the elements that t was filled with into this machine's form.
func (a *array) finish(t tensor.Tensor) error {
	b := t.Bytes()
	if t.DType() == tensor.Bool {
		if k := slices.IndexFunc(b, func(v byte) bool { return v > 1 }); k >= 0 {
			return a.bad(int64(k), "a bool of value %d", b[k])
		}
	}
	a.elem.toHost(b)
	return nil
}

// strings decodes elements that are strings.
func (a *array) strings(data []byte) ([]string, error) {
	if a.elem.text == noText {
		return nil, a.bad(0, "the elements are no strings")
	}
	const header = 16 // bytes of a string beside its characters
	size := a.elem.size
	n := len(data) / size
	left := a.file.limits.Memory/2 - int64(n)*header
	heaps := a.file.globalHeaps()
	var list []string
	for i := range n {
		b, err := a.characters(data[i*size:][:size], heaps)
		if left -= int64(len(b)); err == nil && left < 0 {
			err = a.bad(int64(i*size), "strings of more than %d bytes", a.file.limits.Memory/2)
		}
		if err != nil {
			return nil, at(a.name, err)
		}
		list = append(list, string(b))
	}
	return list, nil
}

// characters is the characters of one string, shared.
func (a *array) characters(b []byte, heaps *globalHeaps) ([]byte, error) {
	switch a.elem.text {
	case zeroText:
		b, _, _ = bytes.Cut(b, []byte{0})
	case zeroPadded:
		b = bytes.TrimRight(b, "\x00")
	case spacePadded:
		b = bytes.TrimRight(b, " ")
	case heapText:
		c := &cursor{f: a.file, b: b, place: a.place}
		n, addr, index := c.u32(), c.addr(), c.u32()
		if n == 0 || addr == 0 || addr == undefined {
			return nil, nil
		}
		var err error
		if b, err = heaps.object(addr, index); err != nil {
			return nil, err
		}
		if uint64(n) > uint64(len(b)) {
			return nil, a.bad(0, "a string of %d characters in an object of %d", n, len(b))
		}
		b = b[:n]
	}
	return b, nil
}
