package zoo_test

import (
	"math"
	"strings"
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/graph"
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
		"text-cnn":  {map[string]any{"width": 4, "channels": 3, "sizes": "2,3", "hidden": 5, "grams": 16, "grams.most": 3}, tensor.F32(2, 7)},
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

// TestGrams counts n-grams, whose rows of the table are all one: a text of m
// tokens has m, m-1 and so on of them, and one without tokens none.
func TestGrams(t *testing.T) {
	in := zoo.In{Type: tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(5)}, Vocab: []int{9}}
	net, err := zoo.New("text-cnn", rng.New(1), in, 2, map[string]any{"sizes": "2", "grams": 64, "grams.most": 3})
	if err != nil {
		t.Fatal(err)
	}
	grams := net.(*zoo.TextCNN).Grams
	rows := grams.Table.Weight.Value.Floats()
	for i := range rows {
		rows[i] = 1
	}
	c := nn.NewCtx(grams)
	ids := c.Graph.Leaf("ids", tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(3, 5)})
	out := grams.Forward(c, ids)
	leaf := c.Param(grams.Table.Weight)
	f, err := graph.NewFunc("grams", []*graph.Node{ids, leaf}, []*graph.Node{out})
	if err != nil {
		t.Fatal(err)
	}
	table := tensor.Wide{Type: leaf.Type(), F: make([]float64, len(rows))}
	for i := range table.F {
		table.F[i] = 1
	}
	got := graph.Eval(f, []tensor.Wide{{Type: ids.Type(), I: []int64{1, 2, 3, 4, 5, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0}}, table})[0].F
	const scale = 8
	for i, n := range []float64{5 + 4 + 3, 2 + 1, 0} {
		if want := scale * math.Sqrt(n); math.Abs(got[2*i]-want) > 1e-9 {
			t.Errorf("text %d: %v, want %v", i, got[2*i], want)
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
		{"text-cnn", in, map[string]any{"grams": 100}, "a power of two"},
		{"text-cnn", in, map[string]any{"grams": 1 << 19}, "grams"},
		{"char-lstm", in, map[string]any{"layers": 0}, "layers"},
		{"char-lstm", zoo.In{Type: in.Type, Vocab: []int{1 << 24}}, map[string]any{"width": 8192}, "vocabularies"},
	} {
		if _, err := zoo.New(c.name, rng.New(1), c.in, 7, c.set); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: error %v, want %q", c.name, c.set, err, c.want)
		}
	}
}
