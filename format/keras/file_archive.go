package keras

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/ihae/ihae/format/hdf5"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// openArchive reads a `.keras` file: a zip archive of config.json, metadata.json
// and model.weights.h5.
func openArchive(path string) (*onnx.Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("keras: %w", err)
	}
	parts := map[string][]byte{}
	for _, p := range []struct {
		name string
		most int64
	}{{"metadata.json", 1 << 20}, {"config.json", maxJSON}, {"model.weights.h5", info.Size() + 8<<20}} {
		if parts[p.name], err = member(z, p.name, p.most); err != nil {
			return nil, err
		}
	}
	var meta struct {
		Version string `json:"keras_version"`
	}
	if err := json.Unmarshal(parts["metadata.json"], &meta); err != nil {
		return nil, fmt.Errorf("keras: metadata.json: %w", err)
	}
	config, err := parseJSON(parts["config.json"])
	if err != nil {
		return nil, err
	}
	return fromArchive(config, meta.Version, parts["model.weights.h5"])
}

// member is the contents of one file of an archive, of at most so many bytes.
func member(z *zip.Reader, name string, most int64) ([]byte, error) {
	var found *zip.File
	for _, f := range z.File {
		if f.Name == name {
			if found != nil {
				return nil, fmt.Errorf("keras: the archive has two files %s", name)
			}
			found = f
		}
	}
	if found == nil {
		return nil, fmt.Errorf("keras: the archive has no %s: this is no file of model.save", name)
	}
	if found.UncompressedSize64 > uint64(most) {
		return nil, fmt.Errorf("keras: %s has %d bytes, at most %d are read", name, found.UncompressedSize64, most)
	}
	r, err := found.Open()
	if err != nil {
		return nil, fmt.Errorf("keras: %s: %w", name, err)
	}
	defer func() { _ = r.Close() }()
	b := make([]byte, found.UncompressedSize64)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("keras: %s: %w", name, err)
	}
	if _, err := r.Read(make([]byte, 1)); err != io.EOF { // compares the checksum, too
		return nil, fmt.Errorf("keras: %s: longer than it says, or another checksum", name)
	}
	return b, nil
}

// fromArchive builds the model of an archive.
func fromArchive(config map[string]any, version string, weights []byte) (*onnx.Model, error) {
	h, err := hdf5.Parse(weights, hdf5.Limits{Memory: 2*int64(len(weights)) + 16<<20})
	if err != nil {
		return nil, err
	}
	root, err := h.Root()
	if err != nil {
		return nil, err
	}
	s := &archive{root: root, b: &budget{left: int64(len(weights)) + 8<<20}, used: map[string]bool{}}
	m, err := convert(config, version, s)
	if err != nil {
		return nil, err
	}
	return m, s.left()
}

// archive is the variables of an archive. They have numbers instead of names, in
// groups that have the places of layers instead of their names: the second Dense
// of a model is layers/dense_1 (keras/src/saving/saving_lib.py).
type archive struct {
	root   *hdf5.Group
	layers *hdf5.Group // of the outermost model, once it has been asked for
	b      *budget
	used   map[string]bool
}

// variable implements store.
func (s *archive) variable(path []*layer, _ string, index int) (tensor.Tensor, error) {
	var parts []string
	for i, l := range path {
		if inside := i > 0 && path[i-1].model == nil; !inside {
			parts = append(parts, "layers")
		}
		parts = append(parts, l.key)
	}
	if cells[path[len(path)-1].class].op != "" {
		parts = append(parts, "cell")
	}
	if s.layers == nil {
		var err error
		if s.layers, err = s.root.Group(parts[0]); err != nil {
			return tensor.Tensor{}, err
		}
	}
	name := fmt.Sprintf("%s/vars/%d", strings.Join(parts[1:], "/"), index)
	d, err := s.layers.Dataset(name)
	if err != nil {
		return tensor.Tensor{}, err
	}
	s.used[parts[0]+"/"+name] = true
	return s.b.read(d)
}

// left is an error that lists variables of the model and its layers that were not
// asked for, other than the states of random generators.
func (s *archive) left() error {
	var names []string
	count := 0
	var walk func(g *hdf5.Group, path string, depth int) error
	walk = func(g *hdf5.Group, path string, depth int) error {
		if depth > maxDepth {
			return fmt.Errorf("keras: groups of variables more than %d deep", maxDepth)
		}
		for _, name := range g.Links() {
			if count++; count > maxLayers*10 {
				return fmt.Errorf("keras: more than %d groups of variables", maxLayers*10)
			}
			is, err := g.IsGroup(name)
			if err != nil {
				return err
			}
			full := strings.TrimPrefix(path+"/"+name, "/")
			switch {
			case name == "seed_generator":
			case !is && !s.used[full]:
				names = append(names, full)
			case is:
				sub, err := g.Group(name)
				if err == nil {
					err = walk(sub, full, depth+1)
				}
				if err != nil {
					return err
				}
			}
		}
		return nil
	}
	for _, name := range []string{"layers", "vars"} {
		g, err := s.root.Group(name)
		if errors.Is(err, hdf5.ErrAbsent) {
			continue
		}
		if err == nil {
			err = walk(g, name, 0)
		}
		if err != nil {
			return err
		}
	}
	return unused(names)
}

var (
	notWord    = regexp.MustCompile(`\W+`)
	beforeWord = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	afterSmall = regexp.MustCompile(`([a-z])([A-Z])`)
)

// snake is the name of a class as groups of variables have it: SimpleRNN is
// simple_rnn (keras/src/utils/naming.py).
func snake(class string) string {
	class = notWord.ReplaceAllString(class, "")
	class = beforeWord.ReplaceAllString(class, "${1}_${2}")
	return strings.ToLower(afterSmall.ReplaceAllString(class, "${1}_${2}"))
}
