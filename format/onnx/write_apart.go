package onnx

import (
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Files is a model as it lies in a folder: one file, or where not all fits into
// that or it is asked for, two, of which the second holds the elements of large
// initialisers (onnx.proto3, TensorProto.external_data).
type Files struct {
	Model []byte // the bytes of the model's file

	name  string // of the second file
	size  int64  // of the second file
	parts []part // what the second file holds, in order
}

// part is a tensor whose elements lie in the second file.
type part struct {
	t      *Tensor
	offset int64
}

// What the second file holds: tensors of at least so many bytes, each from a
// multiple of so many on, so that it can be mapped.
const (
	leastApart = 1024
	alignApart = 4096
)

// dataExternal is TensorProto.DataLocation.EXTERNAL.
const dataExternal = 1

// EncodeFiles is m for a folder in which data names the second file. There is one
// only if a single file is too small for m or if apart is set, and then if any
// initialiser is large. The same model gives the same bytes.
func EncodeFiles(m *Model, data string, apart bool) (*Files, error) {
	return encodeFiles(m, data, apart, maxFile)
}

func encodeFiles(m *Model, data string, apart bool, limit int64) (*Files, error) {
	if !apart {
		if b, err := encode(m, nil, limit); !errors.Is(err, errLarge) {
			return &Files{Model: b}, err
		}
	}
	if err := checkLocation(data); err != nil {
		return nil, fmt.Errorf("onnx: external data: %w", err)
	}
	f := &Files{name: data}
	b, err := encode(m, f, limit)
	f.Model = b
	return f, err
}

// add gives the elements of t a place and says where it is.
func (f *Files) add(t *Tensor) []KeyValue {
	at, n := (f.size+alignApart-1)/alignApart*alignApart, t.storedSize()
	f.parts, f.size = append(f.parts, part{t, at}), at+n
	return []KeyValue{{"location", f.name}, {"offset", strconv.FormatInt(at, 10)}, {"length", strconv.FormatInt(n, 10)}}
}

// DataSize is the bytes of the second file, 0 if there is none.
func (f *Files) DataSize() int64 { return f.size }

// WriteData writes the second file, tensor by tensor.
func (f *Files) WriteData(w io.Writer) error {
	at := int64(0)
	for _, p := range f.parts {
		raw, err := p.t.stored()
		if err != nil {
			return err
		}
		if want := p.t.storedSize(); int64(len(raw)) != want {
			return fmt.Errorf("onnx: tensor %q has %d bytes, want %d", p.t.Name, len(raw), want)
		}
		for _, b := range [][]byte{make([]byte, p.offset-at), raw} {
			if _, err := w.Write(b); err != nil {
				return err
			}
		}
		at = p.offset + int64(len(raw))
	}
	return nil
}
