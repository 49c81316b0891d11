package tensorflow

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Decode reads a GraphDef. Constants may share the bytes of file, which must
// not change afterwards.
func Decode(file []byte, l Limits) (*Graph, error) {
	l = l.withDefaults(len(file))
	d := &decoder{l: l, left: l.Items, room: int64(len(file)) + 12<<20}
	g := &Graph{}
	err := d.fields(message{file, 0, 0}, func(f field) error {
		switch f.num {
		case 1:
			n, err := d.node(f)
			g.Nodes = append(g.Nodes, n)
			return err
		case 2:
			return d.library(f, g)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(g.Nodes) == 0 {
		return nil, d.bad(0, "no nodes: this is no GraphDef")
	}
	return g, nil
}

// decoder reads messages.
type decoder struct {
	l    Limits
	left int   // items that may still come
	room int64 // bytes that constants may still take
}

// message is bytes at a place of the file, within so many other messages.
type message struct {
	b     []byte
	at    int64
	depth int
}

// field is one field of a message.
type field struct {
	num  protowire.Number
	wire protowire.Type
	v    uint64  // of a varint or fixed field
	m    message // of a field of bytes
	at   int64
}

func (d *decoder) bad(at int64, reason string, args ...any) error {
	return &FormatError{at, fmt.Sprintf(reason, args...)}
}

// item counts what takes memory.
func (d *decoder) item(at int64) error {
	if d.left--; d.left < 0 {
		return d.bad(at, "more than %d nodes, inputs, attributes and elements of lists: see Limits", d.l.Items)
	}
	return nil
}

// fields calls f for each field of m in turn.
func (d *decoder) fields(m message, f func(field) error) error {
	if m.depth > d.l.Depth {
		return d.bad(m.at, "messages %d deep, at most %d", m.depth, d.l.Depth)
	}
	for i := 0; i < len(m.b); {
		x := field{at: m.at + int64(i)}
		num, wire, n := protowire.ConsumeTag(m.b[i:])
		if n < 0 {
			return d.bad(x.at, "the file is cut off or is no GraphDef: %v", protowire.ParseError(n))
		}
		i += n
		x.num, x.wire = num, wire
		switch wire {
		case protowire.VarintType:
			x.v, n = protowire.ConsumeVarint(m.b[i:])
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(m.b[i:])
			x.v = uint64(v)
		case protowire.Fixed64Type:
			x.v, n = protowire.ConsumeFixed64(m.b[i:])
		case protowire.BytesType:
			x.m.b, n = protowire.ConsumeBytes(m.b[i:])
			x.m.at, x.m.depth = m.at+int64(i+n-len(x.m.b)), m.depth+1
		default:
			return d.bad(x.at, "field %d has wire type %d, which the format does not use", num, wire)
		}
		if n < 0 {
			return d.bad(x.at, "field %d is cut off: %v", num, protowire.ParseError(n))
		}
		i += n
		if err := f(x); err != nil {
			return err
		}
	}
	return nil
}

// sub reads the message in a field.
func (d *decoder) sub(f field, g func(field) error) error {
	if f.wire != protowire.BytesType {
		return d.bad(f.at, "field %d must be a message", f.num)
	}
	return d.fields(f.m, g)
}

// each calls g for the numbers of a repeated field, packed or not.
func (d *decoder) each(f field, wire protowire.Type, g func(v uint64) error) error {
	if f.wire == wire {
		return g(f.v)
	}
	if f.wire != protowire.BytesType {
		return d.bad(f.at, "field %d must be numbers", f.num)
	}
	for b := f.m.b; len(b) > 0; {
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
			return d.bad(f.at, "field %d holds numbers that are cut off", f.num)
		}
		if err := g(v); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// node reads a NodeDef: name (1), op (2), inputs (3) and attributes (5).
func (d *decoder) node(f field) (*Node, error) {
	n := &Node{at: f.at}
	if err := d.item(f.at); err != nil {
		return nil, err
	}
	return n, d.sub(f, func(f field) error {
		switch f.num {
		case 1:
			n.Name = string(f.m.b)
		case 2:
			n.Op = string(f.m.b)
		case 3:
			n.Inputs = append(n.Inputs, string(f.m.b))
			return d.item(f.at)
		case 5:
			a, err := d.attr(f)
			n.Attrs = append(n.Attrs, a)
			return err
		}
		return nil
	})
}

// attr reads an entry of a map from names (1) to values (2).
func (d *decoder) attr(f field) (Attr, error) {
	var a Attr
	if err := d.item(f.at); err != nil {
		return a, err
	}
	err := d.sub(f, func(f field) error {
		switch f.num {
		case 1:
			a.Name = string(f.m.b)
		case 2:
			return d.sub(f, func(f field) error { return d.value(f, &a) })
		}
		return nil
	})
	return a, err
}

// value reads a field of an AttrValue.
func (d *decoder) value(f field, a *Attr) (err error) {
	a.Kind = AttrKind(f.num)
	switch a.Kind {
	case AttrList:
		a.List = &List{}
		return d.sub(f, func(f field) error { return d.list(f, a.List) })
	case AttrBytes:
		a.Bytes = f.m.b
	case AttrInt:
		a.Int = int64(f.v)
	case AttrFloat:
		a.Float = math.Float32frombits(uint32(f.v))
	case AttrBool:
		a.Bool = f.v != 0
	case AttrType:
		a.Type = DataType(f.v)
	case AttrShape:
		a.Shape, err = d.shape(f)
	case AttrTensor:
		a.Tensor, err = d.tensor(f)
	case AttrFunc:
		a.Func, err = d.function(f)
	}
	return err
}

// function reads the name of a NameAttrList.
func (d *decoder) function(f field) (name string, err error) {
	err = d.sub(f, func(f field) error {
		if f.num == 1 {
			name = string(f.m.b)
		}
		return nil
	})
	return name, err
}

// list reads a field of a ListValue.
func (d *decoder) list(f field, l *List) error {
	if err := d.item(f.at); err != nil {
		return err
	}
	ints := func(add func(v uint64)) error {
		return d.each(f, protowire.VarintType, func(v uint64) error {
			add(v)
			return d.item(f.at)
		})
	}
	switch AttrKind(f.num) {
	case AttrBytes:
		l.Bytes = append(l.Bytes, f.m.b)
	case AttrInt:
		return ints(func(v uint64) { l.Ints = append(l.Ints, int64(v)) })
	case AttrFloat:
		return d.each(f, protowire.Fixed32Type, func(v uint64) error {
			l.Floats = append(l.Floats, math.Float32frombits(uint32(v)))
			return d.item(f.at)
		})
	case AttrBool:
		return ints(func(v uint64) { l.Bools = append(l.Bools, v != 0) })
	case AttrType:
		return ints(func(v uint64) { l.Types = append(l.Types, DataType(v)) })
	case AttrShape:
		s, err := d.shape(f)
		l.Shapes = append(l.Shapes, s)
		return err
	case 9:
		name, err := d.function(f)
		l.Funcs = append(l.Funcs, name)
		return err
	}
	return nil
}

// maxAxes is TensorFlow's limit on axes.
const maxAxes = 254

// shape reads a TensorShapeProto: sizes (2) or unknown rank (3).
func (d *decoder) shape(f field) (*Shape, error) {
	s := &Shape{}
	return s, d.sub(f, func(f field) error {
		switch f.num {
		case 2:
			size := int64(0)
			err := d.sub(f, func(f field) error {
				if f.num == 1 {
					size = int64(f.v)
				}
				return nil
			})
			if err == nil && size < -1 || len(s.Dims) >= maxAxes {
				return d.bad(f.at, "axis %d has size %d", len(s.Dims), size)
			}
			s.Dims = append(s.Dims, size)
			return err
		case 3:
			s.Unranked = f.v != 0
		}
		return nil
	})
}

// library reads a FunctionDefLibrary.
func (d *decoder) library(f field, g *Graph) error {
	return d.sub(f, func(f field) error {
		if f.num != 1 {
			return nil
		}
		y := &Function{at: f.at, Return: map[string]string{}}
		g.Functions = append(g.Functions, y)
		if err := d.item(f.at); err != nil {
			return err
		}
		return d.sub(f, func(f field) error { return d.functionField(f, y) })
	})
}

// functionField reads a field of a FunctionDef: signature (1), nodes (3) and
// where results come from (4).
func (d *decoder) functionField(f field, y *Function) error {
	switch f.num {
	case 1:
		return d.sub(f, func(f field) error { return d.signature(f, y) })
	case 3:
		n, err := d.node(f)
		y.Nodes = append(y.Nodes, n)
		return err
	case 4:
		var key, value string
		err := d.sub(f, func(f field) error {
			switch f.num {
			case 1:
				key = string(f.m.b)
			case 2:
				value = string(f.m.b)
			}
			return nil
		})
		y.Return[key] = value
		if err != nil {
			return err
		}
		return d.item(f.at)
	}
	return nil
}

// signature reads a field of an OpDef: name (1), parameters (2), results (3).
func (d *decoder) signature(f field, y *Function) error {
	if f.num == 1 {
		y.Name = string(f.m.b)
	}
	if f.num != 2 && f.num != 3 {
		return nil
	}
	name, err := d.function(f) // the name is field 1 here, too
	if err != nil {
		return err
	}
	if f.num == 2 {
		y.Args = append(y.Args, name)
	} else {
		y.Results = append(y.Results, name)
	}
	return d.item(f.at)
}
