package tfjs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"path/filepath"
	"slices"

	"github.com/ihae/ihae/internal/mapped"
	"github.com/ihae/ihae/tensor"
)

// group is an entry of a manifest: variables, and the files that their numbers
// are in.
type group struct {
	Weights []json.RawMessage `json:"weights"`
	Paths   []string          `json:"paths"`
}

// spec is a variable in a manifest.
type spec struct {
	Name         string        `json:"name"`
	Shape        []int         `json:"shape"`
	DType        string        `json:"dtype"`
	Group        string        `json:"group"` // model, which is the default, or optimizer
	Quantization *quantization `json:"quantization"`
}

// single is a variable of ml5, which has a file of its own.
type single struct {
	Filename string `json:"filename"`
	Shape    []int  `json:"shape"`
}

// read reads the JSON in one of its three forms.
func (f *File) read(text []byte) error {
	if trimmed := bytes.TrimLeft(text, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' {
		return f.groups(text)
	}
	var top map[string]json.RawMessage
	if err := parse(text, &top); err != nil {
		return err
	}
	manifest, ok := top["weightsManifest"]
	if !ok {
		return f.singles(top)
	}
	if raw, ok := top["format"]; ok {
		if err := parse(raw, &f.format); err != nil {
			return err
		}
	}
	if f.topology = top["modelTopology"]; bytes.Equal(f.topology, []byte("null")) {
		f.topology = nil
	}
	return f.groups(manifest)
}

// parse reads JSON; errors name the byte.
func parse(text []byte, to any) error {
	err := json.Unmarshal(text, to)
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("tfjs: byte %d of the JSON: %w", syntax.Offset, err)
	case errors.As(err, &wrong):
		return fmt.Errorf("tfjs: byte %d of the JSON: %w", wrong.Offset, err)
	}
	return err
}

// groups reads a manifest.
func (f *File) groups(text []byte) error {
	var list []group
	if err := parse(text, &list); err != nil {
		return err
	}
	for _, g := range list {
		data := &pieces{}
		for _, path := range g.Paths {
			m, err := f.file(path)
			if err != nil {
				return err
			}
			data.add(m.Bytes)
		}
		at := int64(0)
		for _, raw := range g.Weights {
			var s spec
			if err := parse(raw, &s); err != nil {
				return err
			}
			v, err := s.variable()
			if err != nil {
				return err
			}
			v.data, v.at = data, at
			if n := v.bytes(); n > data.size-at {
				return fmt.Errorf("tfjs: %q needs %d bytes from byte %d of %q on, which have %d", s.Name, n, at, g.Paths, data.size)
			}
			at += v.bytes()
			if err := f.add(v); err != nil {
				return err
			}
		}
		if at != data.size {
			return fmt.Errorf("tfjs: %d of the %d bytes of %q belong to no variable", data.size-at, data.size, g.Paths)
		}
	}
	return nil
}

// singles reads a manifest of ml5.
func (f *File) singles(top map[string]json.RawMessage) error {
	for _, name := range slices.Sorted(maps.Keys(top)) {
		var s single
		if err := parse(top[name], &s); err != nil || s.Filename == "" || s.Shape == nil {
			return fmt.Errorf("tfjs: %q has no filename and shape, and there is no weightsManifest: this is no manifest of weights", name)
		}
		v, err := (&spec{Name: name, Shape: s.Shape, DType: "float32"}).variable()
		if err != nil {
			return err
		}
		m, err := f.file(s.Filename)
		if err != nil {
			return err
		}
		v.data = &pieces{}
		if v.data.add(m.Bytes); v.data.size != v.bytes() {
			return fmt.Errorf("tfjs: %q has the shape %v and so %d bytes, its file %q has %d", name, s.Shape, v.bytes(), s.Filename, v.data.size)
		}
		if err := f.add(v); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) add(v *variable) error {
	switch {
	case v.name == "" || f.index[v.name] != nil:
		return fmt.Errorf("tfjs: the manifest has two variables %q", v.name)
	case len(f.names) >= maxCount:
		return fmt.Errorf("tfjs: more than %d variables", maxCount)
	}
	f.names, f.index[v.name] = append(f.names, v.name), v
	return nil
}

// file maps a file of the folder, which the manifest may name only once.
func (f *File) file(path string) (*mapped.File, error) {
	name := filepath.Clean(filepath.FromSlash(path))
	switch {
	case f.files[name] != nil:
		return nil, fmt.Errorf("tfjs: the manifest names the file %q twice", path)
	case len(f.files) >= maxCount:
		return nil, fmt.Errorf("tfjs: more than %d files", maxCount)
	}
	// Nothing outside the folder is opened, and nothing that would be waited for.
	if info, err := f.root.Stat(name); err != nil {
		return nil, fmt.Errorf("tfjs: %w", err)
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("tfjs: %s is not a regular file", path)
	}
	h, err := f.root.Open(name)
	if err != nil {
		return nil, fmt.Errorf("tfjs: %w", err)
	}
	defer func() { _ = h.Close() }()
	m, err := mapped.Of(h)
	if err != nil {
		return nil, fmt.Errorf("tfjs: %w", err)
	}
	f.files[name] = m
	return m, nil
}

// dtypes is the manifest's names of element types.
var dtypes = map[string]tensor.DType{
	"float32": tensor.Float32, "int32": tensor.Int32, "bool": tensor.Bool, "uint8": tensor.Uint8, "uint16": tensor.Uint16,
}

// variable checks a variable's type and how it is stored.
func (s *spec) variable() (*variable, error) {
	v := &variable{name: s.Name, training: s.Group == "optimizer"}
	d, ok := dtypes[s.DType]
	if !ok {
		return nil, fmt.Errorf("tfjs: %q is of type %q, which is not read", s.Name, s.DType)
	}
	n := uint64(max(d.Size(), 1))
	for _, k := range s.Shape {
		hi, lo := bits.Mul64(n, uint64(max(k, 1)))
		if hi != 0 || lo > 1<<56 {
			return nil, fmt.Errorf("tfjs: %q has the shape %v, which is too large", s.Name, s.Shape)
		}
		n = lo
	}
	shape, err := tensor.CheckedDims(s.Shape...)
	if err != nil {
		return nil, fmt.Errorf("tfjs: %q: %w", s.Name, err)
	}
	v.typ = tensor.Type{DType: d, Shape: shape}
	if s.Quantization != nil {
		v.store = *s.Quantization
	}
	return v, v.store.check(v)
}
