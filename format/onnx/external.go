package onnx

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/ihae/ihae/internal/mapped"
)

// external is elements that lie in a file of their own, beside the model.
type external struct {
	entries  []KeyValue
	location string
	offset   int64
	length   int64 // -1: what is needed
	files    *dataFiles
}

func (x *external) parse(d *decoder, at int64, name string) error {
	x.length = -1
	for _, kv := range x.entries {
		var err error
		switch kv.Key {
		case "location":
			x.location = kv.Value
		case "offset":
			x.offset, err = strconv.ParseInt(kv.Value, 10, 64)
		case "length":
			x.length, err = strconv.ParseInt(kv.Value, 10, 64)
			if x.length < 0 {
				err = strconv.ErrRange
			}
		case "checksum", "basepath":
		default:
			return d.bad(at, "tensor %q: external data has the unknown key %q", name, kv.Key)
		}
		if err != nil || x.offset < 0 {
			return d.bad(at, "tensor %q: external data has %s %q", name, kv.Key, kv.Value)
		}
	}
	if err := checkLocation(x.location); err != nil {
		return d.bad(at, "tensor %q: external data: %v", name, err)
	}
	return nil
}

// checkLocation refuses names that lead out of the model's folder on any system.
func checkLocation(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("names no file")
	case strings.ContainsAny(name, "\\:\x00"), strings.HasPrefix(name, "/"), !filepath.IsLocal(filepath.FromSlash(name)):
		return fmt.Errorf("the file name %q must be relative and stay in the model's folder", name)
	}
	return nil
}

// dataFiles opens the files of a model's external data, each once.
type dataFiles struct {
	root, dir string
	mu        sync.Mutex
	open      map[string]*mapped.File
}

// attach tells the external tensors of m where their files are.
func (m *Model) attach(root, dir string) {
	files := &dataFiles{root: root, dir: dir, open: map[string]*mapped.File{}}
	for t := range m.Tensors() {
		if t.external != nil {
			t.external.files = files
			m.close = files.close
		}
	}
}

func (f *dataFiles) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var first error
	for _, file := range f.open {
		if err := file.Close(); first == nil {
			first = err
		}
	}
	f.open = map[string]*mapped.File{}
	return first
}

// bytes is the want bytes of x's elements, in the mapped file.
func (x *external) bytes(want int64) ([]byte, error) {
	if x.length >= 0 && x.length != want {
		return nil, fmt.Errorf("external data of %d bytes, want %d", x.length, want)
	}
	if x.files == nil {
		return nil, fmt.Errorf("external data in %s, but the value does not come from a folder", x.location)
	}
	file, err := x.files.get(x.location)
	if err != nil {
		return nil, err
	}
	if size := int64(len(file.Bytes)); x.offset > size || want > size-x.offset {
		return nil, fmt.Errorf("external data at bytes %d to %d of %s, which has %d", x.offset, x.offset+want, x.location, size)
	}
	return file.Bytes[x.offset:][:want:want], nil
}

// get maps a file within the root: links are followed, but not out of it, and
// what is opened is what was checked.
func (f *dataFiles) get(location string) (*mapped.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if file, ok := f.open[location]; ok {
		return file, nil
	}
	if f.root == "" {
		return nil, fmt.Errorf("external data in %s, but the model does not come from a folder", location)
	}
	rel, err := filepath.Rel(f.root, filepath.Join(f.dir, filepath.FromSlash(location)))
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(f.root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	if info, err := root.Stat(rel); err != nil {
		return nil, fmt.Errorf("external data: %w", err)
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("external data: %s is not a regular file", location)
	}
	h, err := root.Open(rel)
	if err != nil {
		return nil, fmt.Errorf("external data: %w", err)
	}
	defer func() { _ = h.Close() }()
	if err := singleLink(h); err != nil {
		return nil, fmt.Errorf("external data: %s %w", location, err)
	}
	file, err := mapped.Of(h)
	if err != nil {
		return nil, fmt.Errorf("external data: %w", err)
	}
	f.open[location] = file
	return file, nil
}
