package onnx

import "github.com/ihae/ihae/internal/protobuf"

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
	d, b := start(file, Limits{})
	x := &Data{}
	switch {
	case t == nil || t.Kind == TensorType:
		x.Tensor = &Tensor{}
		return x, placed(readTensor(d, b, x.Tensor))
	case t.Kind == OptionalType:
		return x, placed(readOptional(d, b, x))
	}
	return x, placed(readSequence(d, b, x))
}

func readSequence(d *decoder, b protobuf.Message, x *Data) error { return x.read(d, b, SequenceType) }

func readOptional(d *decoder, b protobuf.Message, x *Data) error { return x.read(d, b, OptionalType) }

// read reads a sequence or an optional, whose messages have the same fields.
func (x *Data) read(d *decoder, b protobuf.Message, kind TypeKind) error {
	if d.depth++; d.depth > d.l.Depth {
		return d.bad(b.At, "sequences and optional values lie more than %d deep in each other", d.l.Depth)
	}
	defer func() { d.depth-- }()
	x.Kind = kind
	return b.Fields(func(f protobuf.Field) error {
		switch f.Number {
		case 3, 4:
			return x.item(d, f, f.Number == 4)
		case 5:
			return more(d, f, &x.Items, readSequence)
		case 7:
			return more(d, f, &x.Items, readOptional)
		}
		return nil
	})
}

// item appends the tensor that a field holds.
func (x *Data) item(d *decoder, f protobuf.Field, sparse bool) error {
	read := readTensor
	if sparse {
		read = readSparse
	}
	t, err := message(d, f, read)
	x.Items = append(x.Items, &Data{Tensor: t})
	return err
}
