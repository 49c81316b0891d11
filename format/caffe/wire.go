package caffe

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// parseWire reads a NetParameter in binary form.
func parseWire(file []byte, l Limits) (*message, error) {
	d := &wireReader{left: l.Fields}
	return d.message("net", file, 0, 0)
}

type wireReader struct {
	left int // fields that may still come, the elements of blobs aside
}

// message reads the message of a name in schema that takes all of b, which
// begins at byte base of the file.
func (d *wireReader) message(name string, b []byte, base int64, depth int) (*message, error) {
	m := &message{at: place{offset: base}}
	if depth > maxDepth {
		return nil, m.at.errorf("messages %d deep, at most %d", depth, maxDepth)
	}
	defs := schema()[name]
	for at := 0; at < len(b); {
		where := place{offset: base + int64(at)}
		num, wire, n := protowire.ConsumeTag(b[at:])
		if n < 0 {
			return nil, where.errorf("the file is cut off or is no .caffemodel: %v", protowire.ParseError(n))
		}
		at += n
		n = protowire.ConsumeFieldValue(num, wire, b[at:])
		if n < 0 {
			return nil, where.errorf("field %d of %s is cut off: %v", num, name, protowire.ParseError(n))
		}
		f := wireField{defs[num].name, defs[num].kind, wire, b[at : at+n], base + int64(at), where, depth}
		if f.kind == "" {
			m.unknown = int32(num)
		} else if err := d.field(m, f); err != nil {
			return nil, err
		}
		at += n
	}
	return m, nil
}

// wireField is one field as it stands in the file.
type wireField struct {
	name, kind string
	wire       protowire.Type
	raw        []byte // after the tag
	base       int64  // of raw in the file
	at         place
	depth      int
}

func (d *wireReader) field(m *message, f wireField) error {
	if f.kind == "-" {
		return nil
	}
	if d.left--; d.left < 0 {
		return f.at.errorf("more fields than the limit")
	}
	switch f.kind {
	case "i", "f":
		return d.numbers(m, f)
	}
	inner, ok := f.bytes()
	if !ok {
		return f.at.errorf("%s has wire type %d, want %d", f.name, f.wire, protowire.BytesType)
	}
	base := f.base + int64(len(f.raw)-len(inner))
	switch f.kind {
	case "s":
		m.fields = append(m.fields, field{f.name, f.at, content{kind: quoted, s: string(inner)}})
	case "b":
		b, err := readBlob(inner, base)
		if err != nil {
			return err
		}
		m.blobs = append(m.blobs, b)
	default:
		sub, err := d.message(f.kind, inner, base, f.depth+1)
		if err != nil {
			return err
		}
		m.fields = append(m.fields, field{f.name, f.at, content{kind: group, m: sub}})
	}
	return nil
}

func (f wireField) bytes() ([]byte, bool) {
	if f.wire != protowire.BytesType {
		return nil, false
	}
	b, n := protowire.ConsumeBytes(f.raw)
	return b, n >= 0
}

// numbers reads one number, or several of a packed field.
func (d *wireReader) numbers(m *message, f wireField) error {
	b, packed := f.bytes()
	if !packed {
		b = f.raw
	}
	want := map[string]protowire.Type{"i": protowire.VarintType, "f": protowire.Fixed32Type}[f.kind]
	if !packed && f.wire != want {
		return f.at.errorf("%s has wire type %d, want %d", f.name, f.wire, want)
	}
	for len(b) > 0 {
		v := content{kind: integer}
		n := 0
		if f.kind == "i" {
			var u uint64
			u, n = protowire.ConsumeVarint(b)
			v.i, v.f = int64(u), float64(int64(u))
		} else {
			var u uint32
			u, n = protowire.ConsumeFixed32(b)
			v = content{kind: real, f: float64(math.Float32frombits(u))}
		}
		if n < 0 {
			return f.at.errorf("%s is cut off", f.name)
		}
		if d.left--; d.left < 0 {
			return f.at.errorf("more fields than the limit")
		}
		m.fields = append(m.fields, field{f.name, f.at, v})
		b = b[n:]
	}
	return nil
}
