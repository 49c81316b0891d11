package torch

import (
	"bytes"
	"fmt"

	"github.com/ihae/ihae/internal/mapped"
	"github.com/ihae/ihae/tensor"
)

// File is a file whose pickle has been read and whose tensors have been checked
// to lie inside it. It may be used concurrently.
type File struct {
	// Meta is what is neither a tensor nor holds any, by name: nil, bool, int64,
	// float64 or string.
	Meta    map[string]any
	Entries []Entry // in the order of the pickle

	limits Limits
	memory int64 // bytes that all tensors together may take
	names  int64 // bytes that names may still take
	index  map[string]int
	mapped *mapped.File
}

// Open maps the file path and reads its pickle; errors name the file. Close
// gives the mapping back.
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

// Close gives back what Open took. Tensors that were read stay.
func (f *File) Close() error {
	if f.mapped == nil {
		return nil
	}
	return f.mapped.Close()
}

// Read reads a file whose bytes are data, which is kept and must not change.
func Read(data []byte, l Limits) (*File, error) {
	l = l.withDefaults()
	switch {
	case bytes.HasPrefix(data, []byte("PK")):
		return readArchive(data, l)
	case bytes.HasPrefix(data, []byte{0x80}):
		return readLegacy(data, l)
	}
	return nil, notTorch(data)
}

func newReader(l Limits, size int64, form form) *reader {
	r := &reader{limits: l, memory: memory(size), storages: map[string]*storage{}, form: form}
	r.list = r.builders()
	return r
}

// memory is what the values of the pickle, or the elements of the tensors, may
// take in a file of size bytes.
func memory(size int64) int64 { return 16<<20 + 2*size }

func newFile(l Limits, size int64) *File {
	return &File{Meta: map[string]any{}, limits: l, memory: memory(size), names: memory(size), index: map[string]int{}}
}

// Names lists the tensors in the order of the file.
func (f *File) Names() []string {
	names := make([]string, len(f.Entries))
	for i, e := range f.Entries {
		names[i] = e.Name
	}
	return names
}

// Tensor reads the elements of one tensor into memory of its own, contiguous.
func (f *File) Tensor(name string) (tensor.Tensor, error) {
	i, ok := f.index[name]
	if !ok {
		return tensor.Tensor{}, fmt.Errorf("torch: no tensor %q among %d", name, len(f.Entries))
	}
	return f.Entries[i].from.load(name)
}

// All reads every tensor, in the order of the file. Tensors that share elements
// get some each; where that makes far more than the file has, it is an error.
func (f *File) All() ([]Named, error) {
	left := f.memory
	for _, e := range f.Entries {
		if left -= int64(e.Type.Bytes()); left < 0 {
			return nil, bad(e.Name, 0, "the tensors share elements and would take more than %d bytes; read them one by one", f.memory)
		}
	}
	out := make([]Named, len(f.Entries))
	for i, e := range f.Entries {
		t, err := f.Tensor(e.Name)
		if err != nil {
			return nil, err
		}
		out[i] = Named{Name: e.Name, Tensor: t}
	}
	return out, nil
}

// notTorch says what a file is that has neither form.
func notTorch(data []byte) error {
	switch {
	case len(data) == 0:
		return bad("", 0, "the file is empty")
	case len(data) > 262 && string(data[257:262]) == "ustar", bytes.HasPrefix(data, []byte("sys_info\x00")), bytes.HasPrefix(data, []byte("storages\x00")):
		return bad("", 0, "a tar archive: the form of PyTorch before 0.1.10; load it there or in a later one, and save it again")
	case bytes.HasPrefix(data, []byte("version https://git-lfs")):
		return bad("", 0, "a pointer of Git LFS in place of the file; fetch the file itself")
	case len(data) > 9 && data[8] == '{':
		return bad("", 0, "the file looks like safetensors")
	}
	return bad("", 0, "the file begins with %q, which neither form of PyTorch's files does", data[:min(8, len(data))])
}
