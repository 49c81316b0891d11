package onnx

import (
	"encoding/binary"
	"math"

	"github.com/ihae/ihae/internal/protobuf"
)

func readTensor(d *decoder, b protobuf.Message, t *Tensor) error {
	typed := typedData{}
	at := b.At
	stored := false
	err := b.Fields(func(f protobuf.Field) error {
		switch f.Number {
		case 1:
			return readInts(f, &t.Dims)
		case 2:
			return readElem(f, &t.Elem)
		case 3:
			return d.bad(f.At, "tensors in segments are not supported")
		case 6:
			var s string
			err := f.Text(&s)
			t.strs = append(t.strs, s)
			return err
		case 8:
			return f.Text(&t.Name)
		case 9:
			return f.Data(&t.raw)
		case 12:
			return f.Text(&t.Doc)
		case 13:
			if t.external == nil {
				t.external = &external{}
			}
			return readKeyValue(d, f, &t.external.entries)
		case 14:
			stored = f.Value == 1
			return nil
		case 16:
			return readKeyValue(d, f, &t.meta)
		}
		return typed.read(f)
	})
	if err != nil {
		return err
	}
	if !stored {
		t.external = nil
	}
	return t.settle(d, at, typed)
}

// settle brings the elements of a tensor into one form and checks their number.
func (t *Tensor) settle(d *decoder, at int64, typed typedData) error {
	n, ok := t.Size()
	if !ok {
		return d.bad(at, "tensor %q has the impossible shape %v", t.Name, t.Dims)
	}
	if t.Elem == ElemString {
		if int64(len(t.strs)) != n {
			return d.bad(at, "tensor %q has %d texts, its shape %v wants %d", t.Name, len(t.strs), t.Dims, n)
		}
		return nil
	}
	bits := t.Elem.bits()
	if bits == 0 {
		return d.bad(at, "tensor %q has no known element type (%v)", t.Name, t.Elem)
	}
	if t.external != nil {
		return t.external.parse(d, at, t.Name)
	}
	if t.raw == nil {
		if !typed.fits(t.Elem) {
			return d.bad(at, "tensor %q of %v has elements in the field of another type", t.Name, t.Elem)
		}
		t.raw = typed.pack(t.Elem, bits)
	}
	if want := (n*int64(bits) + 7) / 8; int64(len(t.raw)) != want {
		return d.bad(at, "tensor %q of %v%v has %d bytes of elements, want %d", t.Name, t.Elem, t.Dims, len(t.raw), want)
	}
	return nil
}

// typedData is the elements of a tensor that are not in raw form.
type typedData struct {
	floats  []float32
	doubles []uint64
	ints    []int64
	words   []int64
}

func (x *typedData) read(f protobuf.Field) error {
	switch f.Number {
	case 4:
		return f.Floats(&x.floats)
	case 5:
		return readInts(f, &x.words)
	case 7, 11:
		return readInts(f, &x.ints)
	case 10:
		return f.Each(protobuf.Fixed64, func(v uint64) error {
			x.doubles = append(x.doubles, v)
			return nil
		})
	}
	return nil
}

// fits says whether the fields that hold something are for elements of type e:
// floats and doubles have their own, and all others are whole numbers.
func (x *typedData) fits(e Elem) bool {
	single, double := e == elemFloat32 || e == ElemComplex64, e == elemFloat64 || e == ElemComplex128
	return (single || len(x.floats) == 0) && (double || len(x.doubles) == 0) && (!single && !double || len(x.words)+len(x.ints) == 0)
}

// pack is the elements in raw form. Complex numbers are pairs; elements below a
// byte are packed in their numbers already.
func (x *typedData) pack(e Elem, bits int) []byte {
	var raw []byte
	for _, v := range x.floats {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	for _, v := range x.doubles {
		raw = binary.LittleEndian.AppendUint64(raw, v)
	}
	for _, v := range append(x.words, x.ints...) {
		var b [8]byte
		if e == elemBool && v != 0 {
			v = 1
		}
		binary.LittleEndian.PutUint64(b[:], uint64(v))
		raw = append(raw, b[:max(1, min(8, bits/8))]...)
	}
	return raw
}

// readSparse reads a tensor given by its elements that are not zero, at places
// counted in row-major order or by axes, as the dense tensor that it is.
func readSparse(d *decoder, b protobuf.Message, t *Tensor) error {
	values, indices := &Tensor{}, &Tensor{}
	at := b.At
	err := b.Fields(func(f protobuf.Field) error {
		switch f.Number {
		case 1:
			return into(d, f, &values, readTensor)
		case 2:
			return into(d, f, &indices, readTensor)
		case 3:
			return readInts(f, &t.Dims)
		}
		return nil
	})
	if err != nil {
		return err
	}
	t.Name, t.Elem = values.Name, values.Elem
	places, err := sparsePlaces(d, at, t, values, indices)
	if err != nil {
		return err
	}
	size, n := t.Elem.bits()/8, int64(0)
	if n, _ = t.Size(); n*int64(size) > maxSparse-d.dense {
		return d.bad(at, "sparse tensor %q would take %d bytes, of which all together may take %d", t.Name, n*int64(size), int64(maxSparse))
	}
	d.dense += n * int64(size)
	t.raw = make([]byte, n*int64(size))
	for i, p := range places {
		copy(t.raw[p*int64(size):][:size], values.raw[i*size:])
	}
	return nil
}

// maxSparse is the bytes that the sparse tensors of a file may take when they are
// dense.
const maxSparse = 1 << 28

func sparsePlaces(d *decoder, at int64, t, values, indices *Tensor) ([]int64, error) {
	total, ok := t.Size()
	count, _ := values.Size()
	rank := int64(len(t.Dims))
	n, _ := indices.Size()
	flat := len(indices.Dims) <= 1
	switch {
	case !ok || values.Elem.bits() < 8 || values.external != nil:
		return nil, d.bad(at, "sparse tensor %q has a shape or elements that are not supported", values.Name)
	case indices.Elem != 7 || indices.external != nil || flat && n != count || !flat && (rank == 0 || n != count*rank):
		return nil, d.bad(at, "sparse tensor %q has %d places for %d values", values.Name, n, count)
	}
	places := make([]int64, count)
	for i := range places {
		for j := range max(1, rank) {
			if flat {
				places[i] = int64(binary.LittleEndian.Uint64(indices.raw[8*i:]))
				break
			}
			v := int64(binary.LittleEndian.Uint64(indices.raw[8*(int64(i)*rank+j):]))
			if v < 0 || v >= t.Dims[j] {
				return nil, d.bad(at, "sparse tensor %q has a value at %d of axis %d", values.Name, v, j)
			}
			places[i] = places[i]*t.Dims[j] + v
		}
		if places[i] < 0 || places[i] >= total {
			return nil, d.bad(at, "sparse tensor %q has a value at place %d of %d", values.Name, places[i], total)
		}
	}
	return places, nil
}
