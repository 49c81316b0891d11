package onnx

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// decoder reads messages that are slices of one file.
type decoder struct {
	file  []byte
	l     Limits
	nodes int
	depth int
}

// field is one field of a message.
type field struct {
	d    *decoder
	num  protowire.Number
	wire protowire.Type
	v    uint64 // of a varint or fixed field
	b    []byte // of a field of bytes
	at   int
}

// offset is where in the file a slice of it begins.
func (d *decoder) offset(b []byte) int { return cap(d.file) - cap(b) }

func (d *decoder) bad(at int, reason string, args ...any) error {
	return &FormatError{int64(at), fmt.Sprintf(reason, args...)}
}

// fields calls f for each field of message b in turn.
func (d *decoder) fields(b []byte, f func(field) error) error {
	for len(b) > 0 {
		at := d.offset(b)
		num, wire, n := protowire.ConsumeTag(b)
		if n < 0 {
			return d.bad(at, "the file is cut off or no protobuf: %v", protowire.ParseError(n))
		}
		b = b[n:]
		x := field{d: d, num: num, wire: wire, at: at}
		switch wire {
		case protowire.VarintType:
			x.v, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(b)
			x.v = uint64(v)
		case protowire.Fixed64Type:
			x.v, n = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			x.b, n = protowire.ConsumeBytes(b)
		default:
			return d.bad(at, "field %d has wire type %d, which the format does not use", num, wire)
		}
		if n < 0 {
			return d.bad(at, "field %d is cut off: %v", num, protowire.ParseError(n))
		}
		b = b[n:]
		if err := f(x); err != nil {
			return err
		}
	}
	return nil
}

func (f field) wrong(want string) error {
	return f.d.bad(f.at, "field %d must be %s", f.num, want)
}

func (f field) int(to *int64) error {
	if f.wire != protowire.VarintType {
		return f.wrong("an integer")
	}
	*to = int64(f.v)
	return nil
}

func (f field) elem(to *Elem) error {
	var v int64
	err := f.int(&v)
	*to = Elem(v)
	if int64(*to) != v {
		return f.wrong("an element type")
	}
	return err
}

func (f field) text(to *string) error {
	var b []byte
	err := f.bytes(&b)
	*to = string(b)
	return err
}

func (f field) bytes(to *[]byte) error {
	if f.wire != protowire.BytesType {
		return f.wrong("bytes")
	}
	*to = f.b
	return nil
}

func (f field) float(to *float32) error {
	if f.wire != protowire.Fixed32Type {
		return f.wrong("a float")
	}
	*to = math.Float32frombits(uint32(f.v))
	return nil
}

// each calls g for the numbers of a repeated field, packed or not.
func (f field) each(wire protowire.Type, g func(v uint64)) error {
	if f.wire == wire {
		g(f.v)
		return nil
	}
	if f.wire != protowire.BytesType {
		return f.wrong("numbers")
	}
	for b := f.b; len(b) > 0; {
		v, n := uint64(0), 0
		switch wire {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var w uint32
			w, n = protowire.ConsumeFixed32(b)
			v = uint64(w)
		default:
			v, n = protowire.ConsumeFixed64(b)
		}
		if n < 0 {
			return f.d.bad(f.d.offset(b), "field %d holds numbers that are cut off", f.num)
		}
		g(v)
		b = b[n:]
	}
	return nil
}

func (f field) ints(to *[]int64) error {
	return f.each(protowire.VarintType, func(v uint64) { *to = append(*to, int64(v)) })
}

func (f field) floats(to *[]float32) error {
	return f.each(protowire.Fixed32Type, func(v uint64) { *to = append(*to, math.Float32frombits(uint32(v))) })
}

// message reads a message into a new M.
func message[M any](f field, read func(d *decoder, b []byte, m *M) error) (*M, error) {
	if f.wire != protowire.BytesType {
		return nil, f.wrong("a message")
	}
	m := new(M)
	return m, read(f.d, f.b, m)
}

// more appends the message of a repeated field.
func more[M any](f field, to *[]*M, read func(d *decoder, b []byte, m *M) error) error {
	m, err := message(f, read)
	*to = append(*to, m)
	return err
}

// into sets a field to a message.
func into[M any](f field, to **M, read func(d *decoder, b []byte, m *M) error) error {
	m, err := message(f, read)
	*to = m
	return err
}
