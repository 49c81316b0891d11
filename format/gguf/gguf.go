// Package gguf reads the weights and metadata of GGUF files, versions 2 and 3,
// as llama.cpp and its converters write them (ggml-org/ggml, docs/gguf.md): a
// header of keys and values, a list of tensors, the elements, little-endian.
// Quantised tensors are given in float32. Such a file holds data and never code.
// Reading trusts nothing: every count, length, shape and offset is checked
// against the size of the file before anything is allocated for it.
package gguf

import (
	"fmt"

	"github.com/ihae/ihae/internal/mapped"
	"github.com/ihae/ihae/tensor"
)

// File is a file whose header has been read and checked.
type File struct {
	Version int
	// Meta is the values by key: uint8, int8, uint16, int16, uint32, int32,
	// uint64, int64, float32, float64, bool, string, slices of these, and []any
	// of such slices. See [File.Int], [File.Float], [File.Text].
	Meta    map[string]any
	Keys    []string // of Meta, in the order of the file
	Tensors []Entry  // in the order of the file

	bytes  []byte
	index  map[string]int
	mapped *mapped.File // nil if the bytes are the caller's
}

// Entry is what the header says of one tensor.
type Entry struct {
	Name  string
	Kind  string       // how elements are kept, as the format calls it: F32, Q4_K
	Shape tensor.Shape // outermost axis first; the format says the innermost first
	Begin int64        // of the elements, in bytes of the file
	End   int64

	kind  *kind
	place int64 // of the entry in the header
}

// A FormatError says which rule of the format a file breaks, at which key or
// tensor (empty when the file as a whole is meant) and at which byte of the file.
type FormatError struct {
	Name   string
	Offset int64
	Reason string
}

// Error names the key or tensor, the place and the reason.
func (e *FormatError) Error() string {
	if e.Name == "" {
		return fmt.Sprintf("gguf: byte %d: %s", e.Offset, e.Reason)
	}
	return fmt.Sprintf("gguf: byte %d: %q: %s", e.Offset, e.Name, e.Reason)
}

func bad(name string, offset int64, reason string, args ...any) error {
	return &FormatError{name, offset, fmt.Sprintf(reason, args...)}
}

// Limits bounds what a file can make the reader do. A zero field means the
// default in its comment.
type Limits struct {
	Keys    int // of the metadata: 100,000
	Tensors int // 100,000
	Arrays  int // within arrays of the metadata: 100,000
	Depth   int // of arrays within arrays: 8
}

func (l Limits) withDefaults() Limits {
	d := Limits{Keys: 100_000, Tensors: 100_000, Arrays: 100_000, Depth: 8}
	if l.Keys > 0 {
		d.Keys = l.Keys
	}
	if l.Tensors > 0 {
		d.Tensors = l.Tensors
	}
	if l.Arrays > 0 {
		d.Arrays = l.Arrays
	}
	if l.Depth > 0 {
		d.Depth = l.Depth
	}
	return d
}

// Open maps a file on disk and reads its header: elements are brought in when
// they are looked at. The file must stay as it is until Close; errors name it.
func Open(path string) (*File, error) {
	m, err := mapped.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := Parse(m.Bytes, Limits{})
	if err != nil {
		_ = m.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f.mapped = m
	return f, nil
}

// Close gives the memory of an opened file back: tensors that share it must not
// be used afterwards.
func (f *File) Close() error {
	f.bytes = nil
	if f.mapped == nil {
		return nil
	}
	return f.mapped.Close()
}
