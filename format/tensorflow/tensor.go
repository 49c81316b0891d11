package tensorflow

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/ihae/ihae/internal/protobuf"
	"github.com/ihae/ihae/tensor"
)

// constantReader is a TensorProto while it is read.
type constantReader struct {
	*decoder
	t       *Tensor
	at      int64
	content []byte
	bits    []uint64       // of numbers in fields
	packed  protobuf.Field // floats and doubles in one piece
	held    map[int32]bool // the fields of numbers
}

// tensor reads a TensorProto: its type (1), shape (2) and elements, either as
// little-endian bytes (4) or as numbers in a field of their kind. Of numbers the
// last is repeated up to the end, and none stands for zeros.
func (d *decoder) tensor(f protobuf.Field) (*Tensor, error) {
	t := &Tensor{}
	r := &constantReader{decoder: d, t: t, at: f.At, held: map[int32]bool{}}
	err := f.Fields(r.field)
	if err == nil {
		err = r.unpack()
	}
	d.room += 8 * int64(len(r.bits)) // they go again
	if err != nil || t.Type == String {
		return t, err
	}
	for number := range r.held {
		if kind, ok := t.Type.DType(); ok && !fits(number, kind) {
			return t, d.bad(r.at, "a constant of %v has numbers in the field of another type", kind)
		}
	}
	return t, d.fill(t, r.content, r.bits, r.at)
}

func (r *constantReader) field(f protobuf.Field) error {
	switch f.Number {
	case 1:
		return readType(f, &r.t.Type)
	case 2:
		s, err := r.shape(f)
		if err == nil && (s.Unranked || slices.Contains(s.Dims, -1)) {
			err = r.bad(f.At, "a constant whose shape is not known")
		}
		r.t.Dims = s.Dims
		return err
	case 4:
		return f.Data(&r.content)
	case 8:
		var b []byte
		if err := f.Data(&b); err != nil {
			return err
		}
		r.t.Strings = append(r.t.Strings, b)
		return r.item(f.At)
	case 5, 6, 7, 10, 11, 13, 16, 17:
		r.held[f.Number] = true
		if f.Number <= 6 && f.Wire == protobuf.Bytes && len(r.bits) == 0 && r.packed.Bytes == nil {
			r.packed = f
			return nil
		}
		return f.Each(wireOf[f.Number], r.add)
	}
	return nil
}

func (r *constantReader) add(v uint64) error {
	r.bits = append(r.bits, v)
	r.room -= 8
	return r.within(r.at)
}

// unpack takes numbers in one piece as they lie, if they are all elements, or
// one by one.
func (r *constantReader) unpack() error {
	if r.packed.Bytes == nil || len(r.content) > 0 {
		return nil
	}
	if n, ok := r.t.bytes(); ok && n == int64(len(r.packed.Bytes)) && len(r.bits) == 0 {
		r.content = r.packed.Bytes
		return nil
	}
	later := r.bits
	r.bits = nil
	err := r.packed.Each(wireOf[r.packed.Number], r.add)
	r.bits = append(r.bits, later...)
	return err
}

// fits says whether a field of numbers is for an element type: floats and doubles
// have their own, and all others are whole numbers.
func fits(field int32, kind tensor.DType) bool {
	return (field == 5) == (kind == tensor.Float32) && (field == 6) == (kind == tensor.Float64)
}

// bytes is the size of the elements.
func (t *Tensor) bytes() (int64, bool) {
	d, ok := t.Type.DType()
	n := int64(d.Size())
	for _, v := range t.Dims {
		if v < 0 || v > 0 && n > math.MaxInt64/8/v {
			return 0, false
		}
		n *= v
	}
	return n, ok
}

// wireOf is how the fields of numbers are written: float, double, int, int64,
// bool, half, uint32 and uint64.
var wireOf = map[int32]protobuf.Wire{
	5: protobuf.Fixed32, 6: protobuf.Fixed64, 7: protobuf.Varint, 10: protobuf.Varint,
	11: protobuf.Varint, 13: protobuf.Varint, 16: protobuf.Varint, 17: protobuf.Varint,
}

func (d *decoder) within(at int64) error {
	if d.room < 0 {
		return d.bad(at, "constants take far more memory than the file")
	}
	return nil
}

// fill gives t its elements.
func (d *decoder) fill(t *Tensor, content []byte, bits []uint64, at int64) error {
	kind, ok := t.Type.DType()
	if !ok {
		return nil // whoever needs it will say so
	}
	if len(t.Dims) > tensor.MaxRank {
		return d.bad(at, "a constant with %d axes, at most %d", len(t.Dims), tensor.MaxRank)
	}
	dims := make([]int, len(t.Dims))
	for i, v := range t.Dims {
		if v > math.MaxInt32 {
			return d.bad(at, "a constant of shape %v", t.Dims)
		}
		dims[i] = int(v)
	}
	s, err := tensor.CheckedDims(dims...)
	if err != nil {
		return d.bad(at, "%v", err)
	}
	typ := tensor.Type{DType: kind, Shape: s}
	size := int64(s.Size()) * int64(kind.Size())
	if d.room -= size; d.room < 0 {
		return d.within(at)
	}
	switch {
	case len(content) > 0 && int64(len(content)) != size:
		return d.bad(at, "a constant of shape %v has %d bytes, want %d", t.Dims, len(content), size)
	case len(content) > 0:
		t.Value = ofBytes(typ, content)
	case len(bits) > s.Size():
		return d.bad(at, "a constant of shape %v has %d elements", t.Dims, len(bits))
	default:
		if kind == tensor.Bool {
			for i, v := range bits {
				bits[i] = min(v, 1)
			}
		}
		t.Value = tensor.New(typ)
		t.fromBits(bits)
	}
	if kind == tensor.Bool && slices.ContainsFunc(t.Value.Bytes(), func(b byte) bool { return b > 1 }) {
		return d.bad(at, "a constant of truth values holds others")
	}
	return nil
}

// ofBytes is a tensor of little-endian bytes, shared where they lie as they
// must.
func ofBytes(typ tensor.Type, b []byte) tensor.Tensor {
	size := typ.DType.Size()
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		if t, err := tensor.View(typ, b); err == nil {
			return t
		}
	}
	t := tensor.New(typ)
	copy(t.Bytes(), b)
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 && size > 1 {
		for e := range slices.Chunk(t.Bytes(), size) {
			slices.Reverse(e)
		}
	}
	return t
}

// fromBits writes numbers as they stand in their fields; the last is repeated.
func (t *Tensor) fromBits(bits []uint64) {
	if len(bits) == 0 {
		return
	}
	b, size := t.Value.Bytes(), t.Value.DType().Size()
	for i := range t.Value.Shape().Size() {
		v := bits[min(i, len(bits)-1)]
		switch e := b[i*size:]; size {
		case 1:
			e[0] = byte(v)
		case 2:
			binary.NativeEndian.PutUint16(e, uint16(v))
		case 4:
			binary.NativeEndian.PutUint32(e, uint32(v))
		case 8:
			binary.NativeEndian.PutUint64(e, v)
		}
	}
}
