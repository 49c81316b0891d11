package onnx

// Data is a value in a file of its own, as test cases have them: a tensor, a
// sequence, or an optional that holds something or nothing.
type Data struct {
	Kind   TypeKind // TensorType, SequenceType or OptionalType
	Tensor *Tensor
	Items  []*Data // of a sequence; of an optional, at most one
}

// ReadData reads a file that holds a value of type t; nil means a tensor. An
// empty file is an optional that holds nothing.
func ReadData(file []byte, t *Type) (*Data, error) {
	d := newDecoder(file, Limits{})
	x := &Data{}
	switch {
	case t == nil || t.Kind == TensorType:
		x.Tensor = &Tensor{}
		return x, readTensor(d, d.file, x.Tensor)
	case t.Kind == OptionalType:
		return x, readOptional(d, d.file, x)
	}
	return x, readSequence(d, d.file, x)
}

func readSequence(d *decoder, b []byte, x *Data) error { return x.read(d, b, SequenceType) }

func readOptional(d *decoder, b []byte, x *Data) error { return x.read(d, b, OptionalType) }

// read reads a sequence or an optional, whose messages have the same fields.
func (x *Data) read(d *decoder, b []byte, kind TypeKind) error {
	if d.depth++; d.depth > d.l.Depth {
		return d.bad(d.offset(b), "sequences and optional values lie more than %d deep in each other", d.l.Depth)
	}
	defer func() { d.depth-- }()
	x.Kind = kind
	return d.fields(b, func(f field) error {
		switch f.num {
		case 3, 4:
			return x.item(f, f.num == 4)
		case 5:
			return more(f, &x.Items, readSequence)
		case 7:
			return more(f, &x.Items, readOptional)
		}
		return nil
	})
}

// item appends the tensor that a field holds.
func (x *Data) item(f field, sparse bool) error {
	read := readTensor
	if sparse {
		read = readSparse
	}
	t, err := message(f, read)
	x.Items = append(x.Items, &Data{Tensor: t})
	return err
}
