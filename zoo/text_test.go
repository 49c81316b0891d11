package zoo_test

import (
	"strings"
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// TestTextNets holds the networks for texts to the kit of layers.
func TestTextNets(t *testing.T) {
	ids := func(dims ...int) tensor.Type {
		return tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(dims...)}
	}
	for name, c := range map[string]struct {
		set map[string]any
		out tensor.Type
	}{
		"text-cnn":  {map[string]any{"width": 4, "channels": 3, "sizes": "2,3", "hidden": 5}, tensor.F32(2, 7)},
		"char-lstm": {map[string]any{"width": 4, "hidden": 5, "layers": 2, "dropout": 0.2}, tensor.F32(2, 6, 7)},
	} {
		in := zoo.In{Type: ids(6), Vocab: []int{9}}
		if _, err := zoo.New(name, rng.New(1), in, 7, c.set); err != nil {
			t.Fatal(err)
		}
		err := check.Layer(nn.Spec{
			Name: name, Doc: "x", Cite: "x", Modes: true, In: ids(2, 6), Out: c.out,
			New: func(r rng.Stream) nn.Layer {
				net, err := zoo.New(name, r, in, 7, c.set)
				if err != nil {
					panic(err)
				}
				return net
			},
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTextNetsRefuse wants errors, not panics, for settings from a file.
func TestTextNetsRefuse(t *testing.T) {
	in := zoo.In{Type: tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(6)}, Vocab: []int{9}}
	for _, c := range []struct {
		name string
		in   zoo.In
		set  map[string]any
		want string
	}{
		{"text-cnn", in, map[string]any{"sizes": "7"}, "filters over 7 tokens"},
		{"text-cnn", in, map[string]any{"width": -1}, "width"},
		{"text-cnn", in, map[string]any{"dropout": 1.5}, "dropout"},
		{"text-cnn", zoo.In{Type: in.Type}, nil, "vocabularies"},
		{"char-lstm", in, map[string]any{"layers": 0}, "layers"},
		{"char-lstm", zoo.In{Type: in.Type, Vocab: []int{1 << 24}}, map[string]any{"width": 8192}, "vocabularies"},
	} {
		if _, err := zoo.New(c.name, rng.New(1), c.in, 7, c.set); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: error %v, want %q", c.name, c.set, err, c.want)
		}
	}
}
