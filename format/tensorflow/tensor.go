package tensorflow

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/ihae/ihae/internal/protobuf"
	"github.com/ihae/ihae/tensor"
)

// tensor reads a TensorProto: its type (1), shape (2) and elements, either as
// little-endian bytes (4) or as numbers in a field of their kind. Of numbers the
// last is repeated up to the end, and none stands for zeros.
func (d *decoder) tensor(f protobuf.Field) (*Tensor, error) {
	t := &Tensor{}
	var content []byte
	var bits []uint64         // of numbers in fields
	var packed protobuf.Field // floats and doubles in one piece
	at := f.At
	add := func(v uint64) error {
		bits = append(bits, v)
		d.room -= 8
		return d.within(at)
	}
	err := f.Fields(func(f protobuf.Field) error {
		switch f.Number {
		case 1:
			return readType(f, &t.Type)
		case 2:
			s, err := d.shape(f)
			if err == nil && (s.Unranked || slices.Contains(s.Dims, -1)) {
				err = d.bad(f.At, "a constant whose shape is not known")
			}
			t.Dims = s.Dims
			return err
		case 4:
			return f.Data(&content)
		case 8:
			var b []byte
			if err := f.Data(&b); err != nil {
				return err
			}
			t.Strings = append(t.Strings, b)
			return d.item(f.At)
		case 5, 6, 7, 10, 11, 13, 16, 17:
			if f.Number <= 6 && f.Wire == protobuf.Bytes && len(bits) == 0 && packed.Bytes == nil {
				packed = f
				return nil
			}
			return f.Each(wireOf[f.Number], add)
		}
		return nil
	})
	if packed.Bytes != nil && len(content) == 0 && err == nil {
		// All elements, or the first ones.
		if n, ok := t.bytes(); ok && n == int64(len(packed.Bytes)) && len(bits) == 0 {
			content = packed.Bytes
		} else {
			later := bits
			bits = nil
			err = packed.Each(wireOf[packed.Number], add)
			bits = append(bits, later...)
		}
	}
	d.room += 8 * int64(len(bits)) // they go again
	if err != nil || t.Type == String {
		return t, err
	}
	return t, d.fill(t, content, bits, at)
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
