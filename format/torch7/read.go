package torch7

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/ihae/ihae/internal/mapped"
	"github.com/ihae/ihae/tensor"
)

// File is a file that has been read; its tensors are views of its bytes.
type File struct {
	Root any // the value that was saved

	limits Limits
	names  []string
	index  map[string]*Tensor
	mapped *mapped.File
}

// Open maps the file path and reads it; errors name it. Close gives the mapping
// back; Root must not be used after that.
func Open(path string, l Limits) (*File, error) {
	m, err := mapped.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := Read(m.Bytes, l)
	if err != nil {
		_ = m.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f.mapped = m
	return f, nil
}

// Close gives back what Open took.
func (f *File) Close() error {
	if f.mapped == nil {
		return nil
	}
	return f.mapped.Close()
}

// Read reads a file of those bytes, which are kept and must not change. Whether
// it is ascii, and how long its longs are, is found out.
func Read(data []byte, l Limits) (*File, error) {
	l = l.withDefaults(len(data))
	var root any
	var err error
	switch {
	case len(data) == 0:
		return nil, &FormatError{Reason: "the file is empty"}
	case data[0] >= '0' && data[0] <= '8':
		root, err = read(data, asciiCoding{}, l)
	case data[0] > kindClosure:
		return nil, &FormatError{Reason: fmt.Sprintf("the file begins with %q, which no file of Torch7 does", data[:min(8, len(data))])}
	default:
		root, err = readBinary(data, l)
	}
	if err != nil {
		return nil, err
	}
	f := &File{Root: root, limits: l, index: map[string]*Tensor{}}
	return f, f.collect()
}

// readBinary tries longs of 64 bits and then of 32; the error is that of the
// reading that came further.
func readBinary(data []byte, l Limits) (any, error) {
	root, err := read(data, binaryCoding{8}, l)
	if err == nil {
		return root, nil
	}
	root, err32 := read(data, binaryCoding{4}, l)
	if err32 == nil {
		return root, nil
	}
	var a, b *FormatError
	if errors.As(err, &a) && errors.As(err32, &b) && b.Offset > a.Offset {
		return nil, err32
	}
	return nil, err
}

func read(data []byte, c coding, l Limits) (any, error) {
	r := &reader{data: data, coding: c, limits: l, left: l.Memory, objects: map[int]any{}}
	root, err := r.value()
	if err != nil {
		return nil, err
	}
	rest := data[r.at:]
	if _, ok := c.(asciiCoding); ok {
		rest = bytes.TrimSpace(rest)
	}
	if len(rest) > 0 {
		return nil, &FormatError{Offset: int64(r.at), Reason: fmt.Sprintf("%d bytes after the end of the value", len(rest))}
	}
	return root, nil
}

// collect names the tensors by the fields and keys that lead to them, joined by
// dots, those nearest to the root first.
func (f *File) collect() error {
	type place struct {
		name string
		v    any
	}
	left := f.limits.Memory
	seen := map[any]bool{}
	for queue := []place{{"", f.Root}}; len(queue) > 0; queue = queue[1:] {
		p := queue[0]
		var t *Table
		switch v := p.v.(type) {
		case *Tensor:
			if _, twice := f.index[p.name]; !twice {
				f.names = append(f.names, p.name)
				f.index[p.name] = v
			}
			continue
		case *Module:
			t = v.Fields
		case *Table:
			t = v
		}
		if t == nil || seen[t] {
			continue
		}
		seen[t] = true
		for i, k := range t.keys {
			switch t.vals[i].(type) {
			case *Tensor, *Module, *Table:
				name := keyName(k, i)
				if p.name != "" {
					name = p.name + "." + name
				}
				if left -= int64(64 + len(name)); left < 0 {
					return &FormatError{Reason: "the tensors, by their names, take more memory than a file of this size may"}
				}
				queue = append(queue, place{name, t.vals[i]})
			}
		}
	}
	return nil
}

// Names lists the tensors by the fields and keys that lead to them:
// modules.1.weight.
func (f *File) Names() []string { return f.names }

// Tensor copies one tensor, contiguous.
func (f *File) Tensor(name string) (tensor.Tensor, error) {
	t, ok := f.index[name]
	if !ok {
		return tensor.Tensor{}, fmt.Errorf("torch7: no tensor %s among %d", strconv.Quote(name), len(f.names))
	}
	return t.Dense(f.limits.Memory)
}

// All copies every tensor.
func (f *File) All() ([]Named, error) {
	left := f.limits.Memory
	out := make([]Named, 0, len(f.names))
	for _, name := range f.names {
		if left -= int64(f.index[name].Type.Bytes()); left < 0 {
			return nil, fmt.Errorf("torch7: the tensors share elements and would take more than %d bytes; read them one by one", f.limits.Memory)
		}
		t, err := f.Tensor(name)
		if err != nil {
			return nil, err
		}
		out = append(out, Named{Name: name, Tensor: t})
	}
	return out, nil
}
