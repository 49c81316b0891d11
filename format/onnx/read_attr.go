package onnx

import "github.com/ihae/ihae/internal/protobuf"

func readAttr(d *decoder, f protobuf.Field, to *[]Attr) error {
	a, err := message(d, f, readAttrFields)
	if err != nil {
		return err
	}
	if a.Kind == 0 {
		a.Kind = a.guess()
	}
	switch a.Kind {
	case attrSparse:
		a.Kind = AttrTensor
	case attrSparses:
		a.Kind = AttrTensors
	}
	*to = append(*to, *a)
	return nil
}

func readAttrFields(d *decoder, b protobuf.Message, a *Attr) error {
	return b.Fields(func(f protobuf.Field) error {
		switch f.Number {
		case 1:
			return f.Text(&a.Name)
		case 2:
			return f.Float(&a.Float)
		case 3:
			return f.Int(&a.Int)
		case 4:
			return f.Data(&a.Str)
		case 5:
			return into(d, f, &a.Tensor, readTensor)
		case 6:
			return into(d, f, &a.Graph, readGraph)
		case 7:
			return f.Floats(&a.Floats)
		case 8:
			return readInts(f, &a.Ints)
		case 9:
			var s []byte
			err := f.Data(&s)
			a.Strs = append(a.Strs, s)
			return err
		}
		return readRareAttr(d, f, a)
	})
}

func readRareAttr(d *decoder, f protobuf.Field, a *Attr) error {
	switch f.Number {
	case 10:
		return more(d, f, &a.Tensors, readTensor)
	case 11:
		return more(d, f, &a.Graphs, readGraph)
	case 13:
		return f.Text(&a.Doc)
	case 14:
		return into(d, f, &a.Type, readType)
	case 15:
		return more(d, f, &a.Types, readType)
	case 20:
		var v int64
		err := f.Int(&v)
		a.Kind = AttrKind(v)
		return err
	case 21:
		return f.Text(&a.Ref)
	case 22:
		return into(d, f, &a.Tensor, readSparse)
	case 23:
		return more(d, f, &a.Tensors, readSparse)
	}
	return nil
}

// guess is the kind of an attribute of a model so old that none is written.
func (a *Attr) guess() AttrKind {
	switch {
	case a.Tensor != nil:
		return AttrTensor
	case a.Graph != nil:
		return AttrGraph
	case a.Type != nil:
		return AttrType
	case a.Ints != nil:
		return AttrInts
	case a.Floats != nil:
		return AttrFloats
	case a.Strs != nil:
		return AttrStrings
	case a.Tensors != nil:
		return AttrTensors
	case a.Graphs != nil:
		return AttrGraphs
	case a.Str != nil:
		return AttrString
	case a.Float != 0:
		return AttrFloat
	}
	return AttrInt
}

func readPort(d *decoder, b protobuf.Message, p *Port) error {
	return b.Fields(func(f protobuf.Field) error {
		switch f.Number {
		case 1:
			return f.Text(&p.Name)
		case 2:
			return into(d, f, &p.Type, readType)
		case 3:
			return f.Text(&p.Doc)
		}
		return nil
	})
}

func readType(d *decoder, b protobuf.Message, t *Type) error {
	if d.depth++; d.depth > d.l.Depth {
		return d.bad(b.At, "types lie more than %d deep in each other", d.l.Depth)
	}
	defer func() { d.depth-- }()
	return b.Fields(func(f protobuf.Field) error {
		kinds := map[int32]TypeKind{1: TensorType, 4: SequenceType, 5: MapType, 8: SparseType, 9: OptionalType}
		kind, ok := kinds[f.Number]
		if !ok {
			return nil
		}
		inner, err := message(d, f, func(d *decoder, b protobuf.Message, t *Type) error { return readTypeOf(d, b, t, kind) })
		if err != nil {
			return err
		}
		*t = *inner
		return nil
	})
}

// readTypeOf reads the message of one kind of type.
func readTypeOf(d *decoder, b protobuf.Message, t *Type, kind TypeKind) error {
	t.Kind = kind
	tensors := kind == TensorType || kind == SparseType
	err := b.Fields(func(f protobuf.Field) error {
		switch {
		case f.Number == 1 && (tensors || kind == MapType):
			return readElem(f, &t.Elem)
		case f.Number == 1, f.Number == 2 && kind == MapType:
			return into(d, f, &t.Of, readType)
		case f.Number == 2 && tensors:
			t.Ranked = true
			_, err := message(d, f, func(d *decoder, b protobuf.Message, _ *Type) error { return readShape(d, b, t) })
			return err
		}
		return nil
	})
	if err == nil && !tensors && t.Of == nil {
		t.Of = &Type{}
	}
	return err
}

func readShape(d *decoder, b protobuf.Message, t *Type) error {
	return b.Fields(func(f protobuf.Field) error {
		if f.Number != 1 {
			return nil
		}
		dim, err := message(d, f, func(d *decoder, b protobuf.Message, x *Dim) error {
			x.Size = -1
			return b.Fields(func(f protobuf.Field) error {
				switch f.Number {
				case 1:
					return f.Int(&x.Size)
				case 2:
					return f.Text(&x.Name)
				}
				return nil
			})
		})
		if err != nil {
			return err
		}
		t.Dims = append(t.Dims, *dim)
		return nil
	})
}
