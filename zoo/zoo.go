// Package zoo holds published architectures, each under a name and with
// settings, and the description of a trained model that lies beside its
// weights. It builds networks; it does not train them.
package zoo

import (
	"fmt"

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
	// Build draws a network from images [H W C] to logits of classes. It gets
	// all settings and says which of them it cannot build.
	Build func(r rng.Stream, in tensor.Shape, classes int, s Settings) (nn.Layer, error)
}

var entries = registry.New[Entry]("architecture")

// Register makes an architecture known. Call it from init.
func Register(e Entry) { entries.Set(e.Name, e) }

// Names lists the registered architectures.
func Names() []string { return entries.Names() }

// Lookup finds an architecture by name; the error lists what there is.
func Lookup(name string) (Entry, error) { return entries.Get(name) }

// The largest sizes that a description of a model may ask for.
const (
	maxSide    = 10_000
	maxClasses = 100_000
	maxWidth   = 8192    // channels or features
	maxWeights = 1 << 28 // of one layer
)

// New builds the architecture of that name for images [H W C] and a number of
// classes, with some settings changed. Sizes may come from a file: an error
// says which one is out of bounds before anything large is allocated.
func New(name string, r rng.Stream, in tensor.Shape, classes int, set map[string]any) (nn.Layer, error) {
	e, err := entries.Get(name)
	if err != nil {
		return nil, err
	}
	s, err := e.Settings.With(set)
	if err != nil {
		return nil, fmt.Errorf("architecture %s: %w", name, err)
	}
	if in.Rank() != 3 || in.Size() == 0 || in.Dim(0) > maxSide || in.Dim(1) > maxSide || in.Dim(2) > maxWidth {
		return nil, fmt.Errorf("architecture %s: input %v, want [H W C] with sides from 1 to %d", name, in, maxSide)
	}
	if classes < 1 || classes > maxClasses {
		return nil, fmt.Errorf("architecture %s: %d classes, want 1 to %d", name, classes, maxClasses)
	}
	net, err := e.Build(r, in, classes, s)
	if err != nil {
		return nil, fmt.Errorf("architecture %s: %w", name, err)
	}
	return net, nil
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
