// Package format opens models in any of the formats that ihae reads: it looks
// at what a file holds, not at what it is called.
package format

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/internal/registry"
	"github.com/ihae/ihae/tensor"
)

// File is an opened file: a model that runs, or weights alone.
type File struct {
	Format string
	Model  *onnx.Model       // nil where the file holds weights without a graph
	Names  []string          // of the weights, in the file's order; nil beside a Model
	Meta   map[string]string // what the file says of itself beside

	tensor func(name string) (tensor.Tensor, error)
	close  func() error
}

// Tensor is one of the weights of a file without a graph.
func (f *File) Tensor(name string) (tensor.Tensor, error) {
	if f.tensor == nil {
		return tensor.Tensor{}, fmt.Errorf("the file holds a model; its weights are initialisers")
	}
	return f.tensor(name)
}

// Close gives back what the file holds. Its tensors must not be used afterwards.
func (f *File) Close() error {
	switch {
	case f.close != nil:
		return f.close()
	case f.Model != nil:
		return f.Model.Close()
	}
	return nil
}

// reader is what a format registers.
type reader struct {
	name string
	// is says whether a file of this name that begins with these bytes, up to
	// [headBytes], is of the format.
	is   func(path string, head []byte) bool
	open func(path string) (*File, error)
	rank int // formats of a lower rank are asked first
}

var readers = registry.New[reader]("model format")

func register(r reader) { readers.Set(r.name, r) }

// headBytes is how much of a file is looked at to tell its format.
const headBytes = 4096

// Formats lists the names of the formats.
func Formats() []string { return readers.Names() }

// ErrUnknown is the error for a file of none of the formats.
var ErrUnknown = errors.New("is no model in a format that is read here")

// Open opens a file, or a folder that holds the files of one model. Errors name
// the file.
func Open(path string) (*File, error) {
	r, err := find(path)
	if err != nil {
		return nil, err
	}
	f, err := r.open(path)
	if err != nil {
		if !strings.Contains(err.Error(), path) {
			err = fmt.Errorf("%s: %w", path, err)
		}
		return nil, err
	}
	f.Format = r.name
	return f, nil
}

// find is the format of a file.
func find(path string) (reader, error) {
	head, err := readHead(path)
	if err != nil {
		return reader{}, err
	}
	var all []reader
	for _, name := range readers.Names() {
		if r, err := readers.Get(name); err == nil {
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b reader) int { return cmp.Compare(a.rank, b.rank) })
	for _, r := range all {
		if r.is(path, head) {
			return r, nil
		}
	}
	return reader{}, fmt.Errorf("%s %w: %s", path, ErrUnknown, strings.Join(Formats(), ", "))
}

func readHead(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return nil, err
	}
	head := make([]byte, headBytes)
	n, err := io.ReadFull(f, head)
	if n == 0 && err == io.EOF {
		return nil, fmt.Errorf("%s is empty", path)
	}
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	return head[:n], nil
}

// named says whether path ends in one of the endings, in any case.
func named(path string, endings ...string) bool {
	name := strings.ToLower(filepath.Base(path))
	return slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(name, e) })
}

// begins says whether head begins with text.
func begins(head []byte, text string) bool { return bytes.HasPrefix(head, []byte(text)) }

// Detect is the name of the format of a file or folder, empty for none.
func Detect(path string) string {
	r, err := find(path)
	if err != nil {
		return ""
	}
	return r.name
}
