package gguf

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/ihae/ihae/tensor"
)

// Tensor is one tensor: floats and integers in the type in which they are kept,
// quantised elements in float32. What is not quantised shares the file's memory
// where it can and must not be written to.
func (f *File) Tensor(name string) (tensor.Tensor, error) {
	e, err := f.entry(name)
	if err != nil {
		return tensor.Tensor{}, err
	}
	if d := e.kind.dtype; d != (tensor.DType{}) {
		return f.plain(tensor.Type{DType: d, Shape: e.Shape}, f.bytes[e.Begin:e.End:e.End]), nil
	}
	if e.kind.decode == nil {
		return tensor.Tensor{}, bad(name, e.Begin, "elements are kept as %s, which is not read; take a file that has one of %s", e.Kind, strings.Join(Kinds(), ", "))
	}
	t := tensor.New(tensor.Type{DType: tensor.Float32, Shape: e.Shape})
	block, out := f.bytes[e.Begin:e.End], t.Floats()
	for len(block) > 0 {
		e.kind.decode(out[:e.kind.elements], block[:e.kind.bytes])
		out, block = out[e.kind.elements:], block[e.kind.bytes:]
	}
	return t, nil
}

// Floats is [File.Tensor] in float32 whatever it is kept in.
func (f *File) Floats(name string) (tensor.Tensor, error) {
	t, err := f.Tensor(name)
	if err != nil || t.DType() == tensor.Float32 {
		return t, err
	}
	const each = 4096
	w := tensor.NewWide(tensor.Type{DType: t.DType(), Shape: tensor.Dims(each)})
	out := tensor.New(tensor.Type{DType: tensor.Float32, Shape: t.Shape()})
	rest := out.Floats()
	for b := range slices.Chunk(t.Bytes(), each*t.DType().Size()) {
		w.Load(b)
		n := len(b) / t.DType().Size()
		for i := range n {
			if w.F != nil {
				rest[i] = float32(w.F[i])
			} else {
				rest[i] = float32(w.I[i])
			}
		}
		rest = rest[n:]
	}
	return out, nil
}

// Kinds lists the kinds of elements that are read.
func Kinds() []string {
	var names []string
	for _, k := range kinds {
		if k.decode != nil || k.dtype != (tensor.DType{}) {
			names = append(names, k.name)
		}
	}
	slices.Sort(names)
	return names
}

func (f *File) entry(name string) (Entry, error) {
	i, ok := f.index[name]
	switch n, err := f.Int("split.count"); {
	case !ok && err == nil && n > 1:
		return Entry{}, fmt.Errorf("gguf: no tensor %q among %d; the file is one of %d parts", name, len(f.Tensors), n)
	case !ok:
		return Entry{}, fmt.Errorf("gguf: no tensor %q among %d", name, len(f.Tensors))
	case f.Tensors[i].End > int64(len(f.bytes)):
		return Entry{}, fmt.Errorf("gguf: tensor %q of a closed file", name)
	}
	return f.Tensors[i], nil
}

// plain is the elements of b, shared if they lie as memory has them.
func (f *File) plain(typ tensor.Type, b []byte) tensor.Tensor {
	size := typ.DType.Size()
	little := binary.NativeEndian.Uint16([]byte{1, 0}) == 1
	if t, err := tensor.View(typ, b); err == nil && (little || size == 1) {
		return t
	}
	t := tensor.New(typ)
	copy(t.Bytes(), b)
	if !little && size > 1 {
		for e := range slices.Chunk(t.Bytes(), size) {
			slices.Reverse(e)
		}
	}
	return t
}
