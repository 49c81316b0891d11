package data

import (
	"fmt"

	"github.com/ihae/ihae/internal/registry"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// The kinds of input.
const (
	KindImage = "image" // a picture: float32 [H W C]
	KindTable = "table" // a row of a table: float32 [F]
	KindText  = "text"  // a text as numbers of tokens: int32 [L]
)

// Input says how what a person has (a picture, a row of a table, a text) becomes
// the input of a network. A run keeps it in model.toml, and prediction reads
// nothing else. What it says beyond the name depends on its kind: the image's
// settings stand in [input] itself, those of the others in [input.table] and
// [input.text].
type Input struct {
	Name string `toml:"name"` // of the graph's leaf and of the batch's field; by Kind
	Kind string `toml:"kind"` // "image"

	// Of an image. The arithmetic, in float32: a sample p of 0 to 255 becomes
	// v = p·Scale, or p/255 where Scale is 0, and then (v - Mean[c]) / Deviation[c],
	// where c counts the channels in Order.
	Width     int       `toml:"width,omitempty"`     // samples
	Height    int       `toml:"height,omitempty"`    // samples
	Channels  int       `toml:"channels,omitempty"`  // 1 or 3
	Resize    string    `toml:"resize,omitempty"`    // a filter of package media; "bilinear"
	Crop      float64   `toml:"crop,omitempty"`      // 0: stretched to the size; else see [Input.Fit]
	Order     string    `toml:"order,omitempty"`     // "RGB", "BGR" or "gray"; by Channels
	Layout    string    `toml:"layout,omitempty"`    // "NHWC" or "NCHW"; "NHWC"
	Scale     float64   `toml:"scale,omitempty"`     // 0 for p/255
	Mean      []float64 `toml:"mean,omitempty"`      // a channel, or one for all; 0
	Deviation []float64 `toml:"deviation,omitempty"` // a channel, or one for all; 1

	Table TableInput `toml:"table,omitempty"` // of a row
	Text  TextInput  `toml:"text,omitempty"`  // of a text
	Sound SoundInput `toml:"sound,omitempty"` // of a recording
}

// inputKind is what there is to know of a kind of input.
type inputKind struct {
	field string // name of the examples' and the batches' tensor
	check func(in Input) error
	typ   func(in Input) tensor.Type // of one example
	vocab func(in Input) []int       // see [Input.Vocab]
	// filler prepares to encode examples of ds; what it returns makes one for
	// each worker.
	filler func(in Input, ds Dataset, augment []Augment) (func() fill, error)
}

// fill writes the input that an example makes to row, of the input's type. What
// is random comes from draw.
type fill func(row tensor.Tensor, e Example, draw rng.Stream) error

var inputKinds = registry.New[inputKind]("kind of input")

// kind is the kind of in, an image where it names none.
func (in Input) kind() (inputKind, error) {
	name := in.Kind
	if name == "" {
		name = KindImage
	}
	k, err := inputKinds.Get(name)
	if err != nil {
		return k, fmt.Errorf("input: %w", err)
	}
	return k, nil
}

// Check refuses settings that have no meaning. The other methods want an Input
// that passes.
func (in Input) Check() error {
	k, err := in.kind()
	if err != nil {
		return err
	}
	return k.check(in)
}

// Is says whether the input is of that kind.
func (in Input) Is(kind string) bool {
	return in.Kind == kind || in.Kind == "" && kind == KindImage
}

// Type is the type of one example's input: float32 [H W C] of an image, or
// [C H W] for NCHW, float32 [F] of a row, int32 [L] of a text.
func (in Input) Type() tensor.Type {
	k, err := in.kind()
	if err != nil {
		return tensor.Type{}
	}
	return k.typ(in)
}

// Field is the name of the tensor of a batch that holds the input.
func (in Input) Field() string {
	k, _ := in.kind()
	return k.field
}

// Vocab is how many values there are of what are numbers of things, not
// measures: for a text one number, of tokens; for a row a number for each of its
// last len(Vocab) places, which hold the numbers of categories; else none.
func (in Input) Vocab() []int {
	k, err := in.kind()
	if err != nil || k.vocab == nil {
		return nil
	}
	return k.vocab(in)
}

// Shape is that of [Input.Type].
func (in Input) Shape() tensor.Shape { return in.Type().Shape }
