// Package zoo holds published architectures, each under a name and with
// settings, and the description of a trained model that lies beside its
// weights. It builds networks; it does not train them.
package zoo

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/internal/registry"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Entry is what an architecture's file registers.
type Entry struct {
	Name     string
	Doc      string
	Cite     string
	Settings Settings // all there are, with their defaults
	// Variants is the sizes that were published, each under a name of its own.
	Variants []Variant
	// Weights is the public files that the architecture can be filled from.
	Weights []Mapping
	// Takes is the ranks of the inputs, without the batch, that Build has a network
	// for; [H W C] where it is empty.
	Takes []int
	// Build draws a network with out outputs: as many as there are classes, 1 for a
	// value, or the vocabulary for the next token. It gets all settings and says
	// which of them it cannot build.
	Build func(r rng.Stream, in In, out int, s Settings) (nn.Layer, error)
	// FromFile reads a network out of the file that the setting "file" names, for
	// architectures that are no program but a file; see [Architecture.Open].
	FromFile func(file []byte, in In, out int) (nn.Layer, error)

	of string // the architecture that this is a variant of; empty for itself
}

// Variant is a published size of an architecture. [New] and [Lookup] know its
// name too: the architecture's with other defaults.
type Variant struct {
	Name     string
	Settings Settings // that differ from the architecture's
	In       In       // what it was published for
	Out      int
	Cite     string // where it is another than the architecture's
}

// In is what a network is fed for each example of a batch.
type In struct {
	tensor.Type       // float32 [H W C], an image; float32 [F], a row; int32 [L], a text's tokens
	Vocab       []int // of a text one number, of tokens; of a row as many as its last places hold numbers of categories: how many there are
}

// Image is images of a shape [H W C].
func Image(s tensor.Shape) In {
	return In{Type: tensor.Type{DType: tensor.Float32, Shape: s}}
}

var entries = registry.New[Entry]("architecture")

// Register makes an architecture and its variants known. Call it from init.
func Register(e Entry) {
	entries.Set(e.Name, e)
	for _, v := range e.Variants {
		if v.Name == e.Name {
			continue
		}
		settings, err := e.Settings.With(v.Settings)
		if err != nil {
			panic(fmt.Sprintf("variant %s: %v", v.Name, err))
		}
		known := e
		known.Name, known.Settings, known.of = v.Name, settings, e.Name
		known.Weights = nil
		for _, m := range e.Weights {
			if len(m.Of) == 0 || slices.Contains(m.Of, v.Name) {
				known.Weights = append(known.Weights, m)
			}
		}
		entries.Set(v.Name, known)
	}
}

// Names lists the registered architectures, without their variants.
func Names() []string {
	return slices.DeleteFunc(entries.Names(), func(name string) bool {
		e, err := entries.Get(name)
		return err != nil || e.of != ""
	})
}

// Lookup finds an architecture or a variant by name; the error lists what there
// is.
func Lookup(name string) (Entry, error) { return entries.Get(name) }

// The largest sizes that a description of a model may ask for.
const (
	maxSide    = 10_000
	maxOutputs = 1 << 20
	maxVocab   = 1 << 24
	maxWidth   = 8192    // channels or features
	maxWeights = 1 << 28 // of one layer
)

// New builds the architecture of that name for an input and a number of
// outputs, with some settings changed. Sizes may come from a file: an error
// says which one is out of bounds before anything large is allocated.
func New(name string, r rng.Stream, in In, out int, set map[string]any) (nn.Layer, error) {
	e, err := entries.Get(name)
	if err != nil {
		return nil, err
	}
	s, err := e.Settings.With(set)
	if err == nil {
		err = e.check(in, out)
	}
	if err != nil {
		return nil, fmt.Errorf("architecture %s: %w", name, err)
	}
	net, err := e.Build(r, in, out, s)
	if err != nil {
		return nil, fmt.Errorf("architecture %s: %w", name, err)
	}
	return net, nil
}

// check refuses inputs and outputs that no network of e can have.
func (e Entry) check(in In, out int) error {
	takes := e.Takes
	if takes == nil {
		takes = []int{3}
	}
	if !slices.Contains(takes, in.Shape.Rank()) {
		return fmt.Errorf("an input %v, which it does not take", in.Shape)
	}
	if in.Shape.Size() == 0 {
		return fmt.Errorf("an input %v, which is empty", in.Shape)
	}
	if s := in.Shape; s.Rank() == 3 && (s.Dim(0) > maxSide || s.Dim(1) > maxSide || s.Dim(2) > maxWidth) {
		return fmt.Errorf("input %v, want [H W C] with sides from 1 to %d", s, maxSide)
	}
	if in.Shape.Size() > maxWeights {
		return fmt.Errorf("input %v is too large", in.Shape)
	}
	if out < 1 || out > maxOutputs {
		return fmt.Errorf("%d outputs, want 1 to %d", out, maxOutputs)
	}
	for _, v := range in.Vocab {
		if v < 1 || v > maxVocab {
			return fmt.Errorf("a vocabulary of %d, want 1 to %d", v, maxVocab)
		}
	}
	return nil
}

// between asks that setting name is a number from low to high.
func between[T int | float64](name string, v, low, high T) error {
	if !(v >= low && v <= high) {
		return fmt.Errorf("setting %s is %v, want %v to %v", name, v, low, high)
	}
	return nil
}

// widths asks that setting name lists from least to most numbers of channels.
func widths(name string, list []int, least, most int) error {
	if len(list) < least || len(list) > most {
		return fmt.Errorf("setting %s lists %d numbers, want %d to %d", name, len(list), least, most)
	}
	for _, w := range list {
		if err := between(name, w, 1, maxWidth); err != nil {
			return err
		}
	}
	return nil
}

// dense is a linear layer, unless its weights would be too many.
func dense(r rng.Stream, in, out int) (*nn.Linear, error) {
	if in > maxWeights/out {
		return nil, fmt.Errorf("a layer from %d to %d features has more than %d weights", in, out, maxWeights)
	}
	return nn.NewLinear(r, in, out), nil
}
