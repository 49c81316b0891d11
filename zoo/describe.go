package zoo

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/format/onnx"
)

// Origin says where a description of a model made elsewhere comes from.
type Origin int

// The origins, the surest first.
const (
	FromSpec   Origin = iota // a file that the caller names
	FromBeside               // a file beside the model
	FromFile                 // the model's own metadata
	FromKnown                // the model is a public one, known by its content
	FromGuess                // its input has the shape of an image
)

// Described is a description of a model made elsewhere.
type Described struct {
	Model
	Origin Origin
	Note   string // for people: where it comes from, or what was guessed
}

// Describe says how m, read from the file path, is fed and what it answers. spec
// names a file in the form of a run's model.toml, of which the architecture may
// be left out; where it is empty, such a file is looked for beside the model
// (PATH.toml, PATH with .toml in place of its ending, model.toml), then m's
// metadata and the public models that are known by their content are asked; else
// the description is guessed from m's input.
func Describe(m *onnx.Model, path, spec string) (Described, error) {
	if spec != "" {
		d, err := readSpec(spec)
		return Described{d, FromSpec, "as " + spec + " says"}, err
	}
	for _, name := range besideNames(path) {
		d, err := readSpec(name)
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, errOther):
			continue
		case err != nil:
			return Described{}, err
		}
		return Described{d, FromBeside, "as " + name + " says"}, nil
	}
	if text := m.MetaValue(MetaModel); text != "" {
		d, err := parseSpec([]byte(text))
		if err != nil {
			return Described{}, fmt.Errorf("%s: metadata %q: %w", path, MetaModel, err)
		}
		return Described{d, FromFile, "as its metadata say"}, nil
	}
	if d, note, ok := known(path); ok {
		return Described{d, FromKnown, note}, nil
	}
	return guess(m)
}

// MetaModel is the key of a model's metadata under which its description lies,
// in the form of model.toml.
const MetaModel = "ihae.model"

// errOther is for a model.toml that belongs to another model.
var errOther = errors.New("describes another model")

func besideNames(path string) []string {
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	return []string{path + ".toml", stem + ".toml", filepath.Join(filepath.Dir(path), "model.toml")}
}

func readSpec(path string) (Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return Model{}, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxModelFile+1))
	if err != nil {
		return Model{}, err
	}
	m, err := parseSpec(text)
	if err != nil {
		return m, fmt.Errorf("%s: %w", path, err)
	}
	return m, m.Input.Load(filepath.Dir(path))
}

// parseSpec is ParseModel for a model that is a file: the architecture and the
// task may be left out.
func parseSpec(text []byte) (Model, error) {
	m := Model{Task: "predict", Architecture: Architecture{Name: ImportedName}}
	d := toml.NewDecoder(bytes.NewReader(text))
	if err := d.DisallowUnknownFields().Decode(&m); err != nil {
		return m, decodeError(err)
	}
	if m.Architecture.Name != ImportedName {
		return m, errOther
	}
	return m, m.Check()
}

//go:embed labels/*.txt
var labelFiles embed.FS

// Labels is a list of classes that is widely used, such as "imagenet".
func Labels(name string) ([]string, error) {
	b, err := labelFiles.ReadFile("labels/" + name + ".txt")
	if err != nil {
		return nil, fmt.Errorf("there is no list of labels %q", name)
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n"), nil
}

// known finds a public model by the SHA-256 of its file.
func known(path string) (Model, string, bool) {
	f, err := os.Open(path)
	if err != nil {
		return Model{}, "", false
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil || !sizes[info.Size()] {
		return Model{}, "", false
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return Model{}, "", false
	}
	k, ok := knownFiles[hex.EncodeToString(h.Sum(nil))]
	if !ok {
		return Model{}, "", false
	}
	m := Model{Task: "predict", Architecture: Architecture{Name: ImportedName}, Labels: k.labels(), Input: k.input}
	return m, "known as " + k.name, true
}

// guess describes a model by its input's shape and its output's size.
func guess(m *onnx.Model) (Described, error) {
	if m.MetaValue("ihae.input.kind") == data.KindSound {
		return sounding(m)
	}
	in, err := guessInput(m)
	if err != nil {
		return Described{}, err
	}
	if n := len(m.Graph.Outputs); n > 1 {
		return Described{}, fmt.Errorf("the model is not described and has %d outputs, which no guess can tell apart; give its inputs as --input NAME=FILE.npy, or describe it with --input-spec FILE", n)
	}
	h, err := FindHead(m)
	if err != nil {
		return Described{}, fmt.Errorf("the model is not described, and no classifier: %w; give its inputs as --input NAME=FILE.npy, or describe it with --input-spec FILE", err)
	}
	d := Described{Model: Model{Task: "predict", Architecture: Architecture{Name: ImportedName}, Input: in}, Origin: FromGuess}
	scaled := "divided by 255"
	if h.Classes == 1000 && in.Channels == 3 {
		in.Mean, in.Deviation = []float64{0.485, 0.456, 0.406}, []float64{0.229, 0.224, 0.225}
		d.Input = in
		d.Labels, err = Labels("imagenet")
		scaled = "divided by 255, less ImageNet's means over its deviations; 1000 classes, taken to be ImageNet's"
	} else {
		for i := range h.Classes {
			d.Labels = append(d.Labels, fmt.Sprint("class ", i))
		}
	}
	order := "gray"
	if in.Channels == 3 {
		order = "RGB"
	}
	d.Note = fmt.Sprintf("nothing says how the model is fed; guessed: %s, %s, %d x %d, %s. Describe it with --input-spec FILE", in.Layout, order, in.Width, in.Height, scaled)
	return d, err
}

// sounding describes a model of sounds by what its file says of them; its classes
// have numbers.
func sounding(m *onnx.Model) (Described, error) {
	rate, err := strconv.Atoi(m.MetaValue("ihae.input.rate"))
	samples, err2 := strconv.Atoi(m.MetaValue("ihae.input.samples"))
	if err = errors.Join(err, err2); err != nil {
		return Described{}, fmt.Errorf("the model takes sounds, but its metadata do not say how long: %w", err)
	}
	in := fed(m)
	if len(in) != 1 || len(m.Graph.Outputs) == 0 {
		return Described{}, fmt.Errorf("the model takes sounds, but has %d inputs and %d outputs", len(in), len(m.Graph.Outputs))
	}
	d := Described{Origin: FromGuess, Model: Model{
		Task: "predict", Architecture: Architecture{Name: ImportedName},
		Input: data.Input{Name: in[0].Name, Kind: data.KindSound, Sound: data.SoundInput{Rate: rate, Samples: samples}},
	}}
	t := m.Graph.Outputs[0].Type
	if t == nil || len(t.Dims) != 2 || t.Dims[1].Size < 2 || t.Dims[1].Size > maxOutputs {
		return d, errors.New("the model takes sounds, but its output is no list of classes; describe it with --input-spec FILE")
	}
	for i := range t.Dims[1].Size {
		d.Labels = append(d.Labels, fmt.Sprint("class ", i))
	}
	d.Note = "nothing says what its classes are called; name them with --input-spec FILE"
	return d, d.Check()
}

// guessInput is the image that the shape of the only input without default
// stands for.
func guessInput(m *onnx.Model) (data.Input, error) {
	ports := fed(m)
	if len(ports) > 1 {
		return data.Input{}, errors.New("the model has several inputs; give them as --input NAME=FILE.npy")
	}
	if len(ports) == 0 || ports[0].Type == nil || len(ports[0].Type.Dims) != 4 {
		return data.Input{}, errors.New("the model's input has not the shape of an image; give it as --input NAME=FILE.npy, or describe it with --input-spec FILE")
	}
	d := ports[0].Type.Dims
	in := data.Input{Name: ports[0].Name, Kind: data.KindImage, Layout: "NCHW", Channels: int(d[1].Size), Height: int(d[2].Size), Width: int(d[3].Size)}
	if c := d[3].Size; (c == 1 || c == 3) && d[1].Size != 1 && d[1].Size != 3 {
		in.Layout, in.Channels, in.Height, in.Width = "NHWC", int(c), int(d[1].Size), int(d[2].Size)
	}
	if in.Channels != 1 && in.Channels != 3 {
		return in, fmt.Errorf("the model's input %v has not the shape of an image; describe it with --input-spec FILE", ports[0].Type)
	}
	if in.Width < 1 {
		in.Width = 224
	}
	if in.Height < 1 {
		in.Height = 224
	}
	in.Crop = 0.875
	if in.Width < 100 {
		in.Crop = 1
	}
	return in, in.Check()
}
