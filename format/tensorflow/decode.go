package tensorflow

import (
	"errors"
	"fmt"
	"math"

	"github.com/ihae/ihae/internal/protobuf"
)

// Decode reads a GraphDef. Constants may share the bytes of file, which must
// not change afterwards.
func Decode(file []byte, l Limits) (*Graph, error) {
	l = l.withDefaults(len(file))
	d := &decoder{l: l, left: l.Items, room: int64(len(file)) + 12<<20}
	g := &Graph{}
	err := protobuf.File(file, l.Depth).Fields(func(f protobuf.Field) error {
		switch f.Number {
		case 1:
			n, err := d.node(f)
			g.Nodes = append(g.Nodes, n)
			return err
		case 2:
			return d.library(f, g)
		}
		return nil
	})
	if e := (*protobuf.Error)(nil); errors.As(err, &e) {
		return nil, &FormatError{e.At, e.Reason}
	}
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

func readBool(f protobuf.Field, to *bool) error {
	var v int64
	err := f.Int(&v)
	*to = v != 0
	return err
}

func readType(f protobuf.Field, to *DataType) error {
	var v int64
	err := f.Int(&v)
	*to = DataType(v)
	return err
}

// node reads a NodeDef: name (1), op (2), inputs (3) and attributes (5).
func (d *decoder) node(f protobuf.Field) (*Node, error) {
	n := &Node{at: f.At}
	if err := d.item(f.At); err != nil {
		return nil, err
	}
	return n, f.Fields(func(f protobuf.Field) error {
		switch f.Number {
		case 1:
			return f.Text(&n.Name)
		case 2:
			return f.Text(&n.Op)
		case 3:
			var name string
			if err := f.Text(&name); err != nil {
				return err
			}
			n.Inputs = append(n.Inputs, name)
			return d.item(f.At)
		case 5:
			a, err := d.attr(f)
			n.Attrs = append(n.Attrs, a)
			return err
		}
		return nil
	})
}

// attr reads an entry of a map from names (1) to values (2).
func (d *decoder) attr(f protobuf.Field) (Attr, error) {
	var a Attr
	if err := d.item(f.At); err != nil {
		return a, err
	}
	err := f.Fields(func(f protobuf.Field) error {
		switch f.Number {
		case 1:
			return f.Text(&a.Name)
		case 2:
			return f.Fields(func(f protobuf.Field) error { return d.value(f, &a) })
		}
		return nil
	})
	return a, err
}

// value reads a field of an AttrValue.
func (d *decoder) value(f protobuf.Field, a *Attr) (err error) {
	if f.Number > int32(AttrFunc) {
		return nil
	}
	a.Kind = AttrKind(f.Number)
	switch a.Kind {
	case AttrList:
		a.List = &List{}
		return f.Fields(func(f protobuf.Field) error { return d.list(f, a.List) })
	case AttrBytes:
		return f.Data(&a.Bytes)
	case AttrInt:
		return f.Int(&a.Int)
	case AttrFloat:
		return f.Float(&a.Float)
	case AttrBool:
		return readBool(f, &a.Bool)
	case AttrType:
		return readType(f, &a.Type)
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
func (d *decoder) function(f protobuf.Field) (name string, err error) {
	err = f.Fields(func(f protobuf.Field) error {
		if f.Number == 1 {
			return f.Text(&name)
		}
		return nil
	})
	return name, err
}

// list reads a field of a ListValue.
func (d *decoder) list(f protobuf.Field, l *List) error {
	if err := d.item(f.At); err != nil {
		return err
	}
	ints := func(add func(v uint64)) error {
		return f.Each(protobuf.Varint, func(v uint64) error {
			add(v)
			return d.item(f.At)
		})
	}
	if f.Number > int32(AttrFunc) {
		return nil
	}
	switch AttrKind(f.Number) {
	case AttrBytes:
		var b []byte
		err := f.Data(&b)
		l.Bytes = append(l.Bytes, b)
		return err
	case AttrInt:
		return ints(func(v uint64) { l.Ints = append(l.Ints, int64(v)) })
	case AttrFloat:
		return f.Each(protobuf.Fixed32, func(v uint64) error {
			l.Floats = append(l.Floats, math.Float32frombits(uint32(v)))
			return d.item(f.At)
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
func (d *decoder) shape(f protobuf.Field) (*Shape, error) {
	s := &Shape{}
	return s, f.Fields(func(f protobuf.Field) error {
		switch f.Number {
		case 2:
			size := int64(0)
			err := f.Fields(func(f protobuf.Field) error {
				if f.Number == 1 {
					return f.Int(&size)
				}
				return nil
			})
			if err == nil && size < -1 || len(s.Dims) >= maxAxes {
				return d.bad(f.At, "axis %d has size %d", len(s.Dims), size)
			}
			s.Dims = append(s.Dims, size)
			return err
		case 3:
			return readBool(f, &s.Unranked)
		}
		return nil
	})
}

// library reads a FunctionDefLibrary.
func (d *decoder) library(f protobuf.Field, g *Graph) error {
	return f.Fields(func(f protobuf.Field) error {
		if f.Number != 1 {
			return nil
		}
		y := &Function{at: f.At, Return: map[string]string{}}
		g.Functions = append(g.Functions, y)
		if err := d.item(f.At); err != nil {
			return err
		}
		return f.Fields(func(f protobuf.Field) error { return d.functionField(f, y) })
	})
}

// functionField reads a field of a FunctionDef: signature (1), nodes (3) and
// where results come from (4).
func (d *decoder) functionField(f protobuf.Field, y *Function) error {
	switch f.Number {
	case 1:
		return f.Fields(func(f protobuf.Field) error { return d.signature(f, y) })
	case 3:
		n, err := d.node(f)
		y.Nodes = append(y.Nodes, n)
		return err
	case 4:
		var key, value string
		err := f.Fields(func(f protobuf.Field) error {
			switch f.Number {
			case 1:
				return f.Text(&key)
			case 2:
				return f.Text(&value)
			}
			return nil
		})
		y.Return[key] = value
		if err != nil {
			return err
		}
		return d.item(f.At)
	}
	return nil
}

// signature reads a field of an OpDef: name (1), parameters (2), results (3).
func (d *decoder) signature(f protobuf.Field, y *Function) error {
	if f.Number == 1 {
		return f.Text(&y.Name)
	}
	if f.Number != 2 && f.Number != 3 {
		return nil
	}
	name, err := d.function(f) // the name is field 1 here, too
	if err != nil {
		return err
	}
	if f.Number == 2 {
		y.Args = append(y.Args, name)
	} else {
		y.Results = append(y.Results, name)
	}
	return d.item(f.At)
}
