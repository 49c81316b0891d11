// Package tfjs reads what TensorFlow.js and ml5 keep models in: folders of a JSON
// file and files of bare numbers.
//
//   - `model.json` of a layers model: the model as Keras writes it, and a manifest
//     of its weights. [File.Model] turns it into an ONNX model.
//   - `…-weights_manifest.json`, as in face-api: a manifest of weights alone.
//   - `manifest.json` of ml5: one file of float32 for each variable.
//
// A manifest has groups of variables. The numbers of a group stand one after the
// other, little-endian, in files that are to be read as one, and may be quantised
// to uint8, uint16 or float16. Files are looked for in the folder of the JSON file
// and nowhere else. Sizes are checked before anything is allocated for them.
package tfjs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ihae/ihae/format/keras"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/internal/mapped"
	"github.com/ihae/ihae/tensor"
)

const (
	maxJSON  = 4 << 20 // bytes of a JSON file
	maxCount = 100_000 // variables, and files
)

// File is an open folder.
type File struct {
	format   string          // what model.json says it is: layers-model, graph-model
	topology json.RawMessage // the model, in model.json
	names    []string
	index    map[string]*variable
	files    map[string]*mapped.File
	root     *os.Root
}

// variable is one entry of a manifest.
type variable struct {
	name  string
	typ   tensor.Type
	store quantization
	data  *pieces
	at    int64 // in data

	training bool // of the optimizer, not of the model
}

// Open reads the JSON file path, or the one in the folder path, and finds the
// files that it names. Errors name the file.
func Open(path string) (*File, error) {
	path, err := find(path)
	if err != nil {
		return nil, err
	}
	text, err := readJSON(path)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	f := &File{index: map[string]*variable{}, files: map[string]*mapped.File{}, root: root}
	if err := f.read(text); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// find is the JSON file in a folder: model.json, manifest.json, or the only
// manifest of weights.
func find(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return path, err
	}
	for _, name := range []string{"model.json", "manifest.json"} {
		if _, err := os.Stat(filepath.Join(path, name)); err == nil {
			return filepath.Join(path, name), nil
		}
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return "", err
	}
	var found []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "weights_manifest.json") {
			found = append(found, e.Name())
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%s: the folder has no model.json or manifest.json, and these manifests of weights: %q; name one", path, found)
	}
	return filepath.Join(path, found[0]), nil
}

// readJSON is the contents of a file of at most maxJSON bytes.
func readJSON(path string) ([]byte, error) {
	h, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = h.Close() }()
	text, err := io.ReadAll(io.LimitReader(h, maxJSON+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxJSON:
		return nil, fmt.Errorf("%s: tfjs: more than the %d bytes of JSON that are read", path, maxJSON)
	}
	return text, nil
}

// Names lists the variables in the order of the manifest; those of ml5, which has
// none, by name.
func (f *File) Names() []string { return slices.Clone(f.names) }

// IsModel says whether there is a model beside the weights, which may still be
// of a kind that [File.Model] refuses.
func (f *File) IsModel() bool { return len(f.topology) > 0 }

// Type is the type of a variable.
func (f *File) Type(name string) (tensor.Type, error) {
	v, err := f.find(name)
	if err != nil {
		return tensor.Type{}, err
	}
	return v.typ, nil
}

func (f *File) find(name string) (*variable, error) {
	v, ok := f.index[name]
	if !ok {
		return nil, fmt.Errorf("tfjs: no variable %q among %d", name, len(f.names))
	}
	return v, nil
}

// Tensor reads a variable; a quantised one becomes what it stands for.
func (f *File) Tensor(name string) (tensor.Tensor, error) {
	v, err := f.find(name)
	if err != nil {
		return tensor.Tensor{}, err
	}
	return v.read()
}

// Model is the layers model as an ONNX model. Every variable must belong to one of
// its layers, but for those of an optimizer.
func (f *File) Model() (*onnx.Model, error) {
	switch {
	case f.format == "graph-model":
		return nil, errors.New("tfjs: a graph model, which is a TensorFlow graph without layers, is not read; save it as a layers model or frozen graph")
	case f.topology == nil:
		return nil, errors.New("tfjs: the file has weights and no model")
	}
	w := &keras.Weights{}
	for _, name := range f.names {
		if v := f.index[name]; !v.training {
			w.Add(name, v.read)
		}
	}
	m, err := keras.Convert(f.topology, w.Find)
	if err != nil {
		return nil, err
	}
	return m, w.Unused()
}

// Close unmaps the files. Tensors that were read may still be used.
func (f *File) Close() error {
	err := f.root.Close()
	for _, m := range f.files {
		err = errors.Join(err, m.Close())
	}
	f.files = nil
	return err
}
