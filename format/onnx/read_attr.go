package onnx

func readAttr(f field, to *[]Attr) error {
	a, err := message(f, readAttrFields)
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

func readAttrFields(d *decoder, b []byte, a *Attr) error {
	return d.fields(b, func(f field) error {
		switch f.num {
		case 1:
			return f.text(&a.Name)
		case 2:
			return f.float(&a.Float)
		case 3:
			return f.int(&a.Int)
		case 4:
			return f.bytes(&a.Str)
		case 5:
			return into(f, &a.Tensor, readTensor)
		case 6:
			return into(f, &a.Graph, readGraph)
		case 7:
			return f.floats(&a.Floats)
		case 8:
			return f.ints(&a.Ints)
		case 9:
			var s []byte
			err := f.bytes(&s)
			a.Strs = append(a.Strs, s)
			return err
		}
		return readRareAttr(f, a)
	})
}

func readRareAttr(f field, a *Attr) error {
	switch f.num {
	case 10:
		return more(f, &a.Tensors, readTensor)
	case 11:
		return more(f, &a.Graphs, readGraph)
	case 13:
		return f.text(&a.Doc)
	case 14:
		return into(f, &a.Type, readType)
	case 15:
		return more(f, &a.Types, readType)
	case 20:
		var v int64
		err := f.int(&v)
		a.Kind = AttrKind(v)
		return err
	case 21:
		return f.text(&a.Ref)
	case 22:
		return into(f, &a.Tensor, readSparse)
	case 23:
		return more(f, &a.Tensors, readSparse)
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

func readPort(d *decoder, b []byte, p *Port) error {
	return d.fields(b, func(f field) error {
		switch f.num {
		case 1:
			return f.text(&p.Name)
		case 2:
			return into(f, &p.Type, readType)
		case 3:
			return f.text(&p.Doc)
		}
		return nil
	})
}

func readType(d *decoder, b []byte, t *Type) error {
	if d.depth++; d.depth > d.l.Depth {
		return d.bad(d.offset(b), "types lie more than %d deep in each other", d.l.Depth)
	}
	defer func() { d.depth-- }()
	return d.fields(b, func(f field) error {
		kinds := map[int]TypeKind{1: TensorType, 4: SequenceType, 5: MapType, 8: SparseType, 9: OptionalType}
		kind, ok := kinds[int(f.num)]
		if !ok {
			return nil
		}
		inner, err := message(f, func(d *decoder, b []byte, t *Type) error { return readTypeOf(d, b, t, kind) })
		if err != nil {
			return err
		}
		*t = *inner
		return nil
	})
}

// readTypeOf reads the message of one kind of type.
func readTypeOf(d *decoder, b []byte, t *Type, kind TypeKind) error {
	t.Kind = kind
	tensors := kind == TensorType || kind == SparseType
	err := d.fields(b, func(f field) error {
		switch {
		case f.num == 1 && (tensors || kind == MapType):
			return f.elem(&t.Elem)
		case f.num == 1, f.num == 2 && kind == MapType:
			return into(f, &t.Of, readType)
		case f.num == 2 && tensors:
			t.Ranked = true
			_, err := message(f, func(d *decoder, b []byte, _ *Type) error { return readShape(d, b, t) })
			return err
		}
		return nil
	})
	if err == nil && !tensors && t.Of == nil {
		t.Of = &Type{}
	}
	return err
}

func readShape(d *decoder, b []byte, t *Type) error {
	return d.fields(b, func(f field) error {
		if f.num != 1 {
			return nil
		}
		dim, err := message(f, func(d *decoder, b []byte, x *Dim) error {
			x.Size = -1
			return d.fields(b, func(f field) error {
				switch f.num {
				case 1:
					return f.int(&x.Size)
				case 2:
					return f.text(&x.Name)
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
