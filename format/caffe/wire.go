package caffe

import (
	"errors"
	"math"

	"github.com/ihae/ihae/internal/protobuf"
)

// parseWire reads a NetParameter in binary form.
func parseWire(file []byte, l Limits) (*message, error) {
	d := &wireReader{left: l.Fields}
	m, err := d.message("net", protobuf.File(file, maxDepth))
	if e := (*protobuf.Error)(nil); errors.As(err, &e) {
		return nil, place{offset: e.At}.errorf("%s", e.Reason)
	}
	return m, err
}

type wireReader struct {
	left int // fields that may still come, the elements of blobs aside
}

// message reads the message of a name in schema.
func (d *wireReader) message(name string, b protobuf.Message) (*message, error) {
	m := &message{at: place{offset: b.At}}
	defs := schema()[name]
	return m, b.Fields(func(f protobuf.Field) error {
		def, ok := defs[f.Number]
		switch {
		case !ok:
			m.unknown = f.Number
			return nil
		case def.kind == "-":
			return nil
		}
		return d.field(m, def, f)
	})
}

// item counts what takes memory.
func (d *wireReader) item(at place) error {
	if d.left--; d.left < 0 {
		return at.errorf("more fields than the limit")
	}
	return nil
}

func (d *wireReader) field(m *message, def fieldDef, f protobuf.Field) error {
	at := place{offset: f.At}
	add := func(v content) { m.fields = append(m.fields, field{def.name, at, v}) }
	switch def.kind {
	case "i":
		return f.Each(protobuf.Varint, func(v uint64) error {
			add(content{kind: integer, i: int64(v), f: float64(int64(v))})
			return d.item(at)
		})
	case "f":
		return f.Each(protobuf.Fixed32, func(v uint64) error {
			add(content{kind: real, f: float64(math.Float32frombits(uint32(v)))})
			return d.item(at)
		})
	}
	if err := d.item(at); err != nil {
		return err
	}
	if def.kind == "s" {
		v := content{kind: quoted}
		err := f.Text(&v.s)
		add(v)
		return err
	}
	inner, err := f.Message()
	if err != nil {
		return err
	}
	if def.kind == "b" {
		b, err := readBlob(inner)
		m.blobs = append(m.blobs, b)
		return err
	}
	sub, err := d.message(def.kind, inner)
	add(content{kind: group, m: sub})
	return err
}
