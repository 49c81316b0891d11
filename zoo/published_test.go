package zoo_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// TestTransformersAreLayers holds the encoder, in all its forms, and the decoder
// to the kit of layers.
func TestTransformersAreLayers(t *testing.T) {
	bert := func(collect string) map[string]any {
		return map[string]any{"layers": 1, "heads": 2, "width": 6, "hidden": 5, "collect": collect, "dropout": 0.2}
	}
	llama := map[string]any{"layers": 2, "heads": 4, "kv-heads": 2, "width": 8, "hidden": 5, "dropout": 0.2}
	halves := map[string]any{"layers": 1, "heads": 2, "kv-heads": 1, "width": 8, "hidden": 5, "rotary": "halves", "tie": false, "dropout": 0.1}
	for _, c := range []struct {
		name string
		set  map[string]any
		out  tensor.Type
	}{
		{"bert", bert("first"), tensor.F32(2, 3)}, {"bert", bert("mean"), tensor.F32(2, 3)},
		{"bert", bert("sentence"), tensor.F32(2, 6)}, {"bert", bert("states"), tensor.F32(2, 4, 6)},
		{"llama", llama, tensor.F32(2, 4, 7)}, {"llama", halves, tensor.F32(2, 4, 7)},
	} {
		t.Run(fmt.Sprint(c.name, c.set["collect"]), func(t *testing.T) {
			build := func(r rng.Stream) nn.Layer {
				net, err := zoo.New(c.name, r, zoo.In{Type: ids(5), Vocab: []int{7}}, c.out.Shape.Dim(-1), c.set)
				if err != nil {
					t.Fatal(err)
				}
				return net
			}
			if err := check.Layer(nn.Spec{Name: c.name, Doc: "a network for texts", Modes: true, In: ids(2, 4), Out: c.out, New: build}); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestLlamaStepsEqualTheWhole: one token at a time, with caches, gives the logits
// that reading all at once gives, for both ways of turning.
func TestLlamaStepsEqualTheWhole(t *testing.T) {
	for _, rotary := range []string{"pairs", "halves"} {
		const places, vocab = 9, 11
		net, err := zoo.New("llama", rng.New(2), zoo.In{Type: ids(places), Vocab: []int{vocab}}, vocab, map[string]any{
			"layers": 2, "heads": 4, "kv-heads": 2, "width": 16, "hidden": 24, "rotary": rotary,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range nn.Params(net) { // as large as after training
			rng.New(9).Split(p.Path).Normal(p.Value.Floats(), 0, 0.5)
		}
		tokens, logits := greedy(t, net.(zoo.Stepper), 3, places)
		whole := forward(t, net, tensor.From(tensor.Dims(1, places), tokens)).Floats()
		for i, want := range whole {
			if got := logits[i/vocab][i%vocab]; !(math.Abs(got-float64(want)) <= 1e-4) {
				t.Fatalf("%s: place %d: %v, at once %v", rotary, i/vocab, got, want)
			}
		}
	}
}

// TestLeNetTable asks which maps of C3 see which of S2: table I of the paper.
func TestLeNetTable(t *testing.T) {
	table := []string{
		"+...+++..++++.++",
		"++...+++..++++.+",
		"+++...+++..+.+++",
		".+++..++++..+.++",
		"..+++..++++.++.+",
		"...+++..++++.+++",
	}
	net, err := zoo.New("lenet-5-1998", rng.None(), zoo.Image(tensor.Dims(32, 32, 1)), 10, nil)
	if err != nil {
		t.Fatal(err)
	}
	c3 := net.(*zoo.LeNet5).C3
	for _, p := range nn.Params(c3) {
		for i := range p.Value.Floats() {
			p.Value.Floats()[i] = float32(p.Value.Shape().Rank() / 3) // weights of 1, biases of 0
		}
	}
	for c, row := range table {
		x := tensor.New(tensor.F32(1, 5, 5, 6))
		for i := c; i < len(x.Floats()); i += 6 {
			x.Floats()[i] = 1
		}
		for k, y := range forward(t, c3, x).Floats() {
			if want := float32(25 * strings.Count(row[k:k+1], "+")); y != want {
				t.Errorf("map %d of C3 gets %v from map %d of S2, want %v", k, y, c, want)
			}
		}
	}
}

// TestUNetSides: the sides of the paper's figure, and those that a network without
// padding cannot have.
func TestUNetSides(t *testing.T) {
	for side, want := range map[int]int{572: 388, 188: 4, 204: 20} {
		net, err := zoo.New("u-net", rng.None(), zoo.Image(tensor.Dims(side, side, 1)), 2, map[string]any{"width": 1})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := nn.Summary(net, tensor.F32(1, side, side, 1))
		if err != nil || rows[len(rows)-1].Out != tensor.F32(1, want, want, 2) {
			t.Errorf("sides of %d become %v (%v), want %d", side, rows, err, want)
		}
	}
}

// TestPublishedRefuse wants errors, not panics, for settings from a file.
func TestPublishedRefuse(t *testing.T) {
	photo, text := zoo.Image(tensor.Dims(64, 64, 3)), zoo.In{Type: ids(8), Vocab: []int{9}}
	for _, c := range []struct {
		name string
		in   zoo.In
		set  map[string]any
		want string
	}{
		{"alexnet", zoo.Image(tensor.Dims(62, 80, 3)), nil, "62 by 80"},
		{"alexnet", photo, map[string]any{"widths": "4,4,4,4,4", "groups": 2, "hidden": 4}, ""},
		{"alexnet", photo, map[string]any{"widths": "3,5,4,4,4", "groups": 2}, "no halves"},
		{"alexnet", photo, map[string]any{"widths": "3,5"}, "widths lists 2"},
		{"alexnet-2012", photo, nil, "64 by 64"},
		{"lenet-5", photo, map[string]any{"pool": "least"}, "there is [average max weighted]"},
		{"lenet-5", photo, map[string]any{"activation": "step"}, "no activation"},
		{"lenet-5", zoo.Image(tensor.Dims(15, 40, 1)), nil, "15 by 40"},
		{"mobilenet-v2", photo, map[string]any{"widths": "8"}, "as many of each"},
		{"mobilenet-v2", photo, map[string]any{"strides": "1,2,2,2,1,3,1"}, "strides is 3"},
		{"mobilenet-v2", photo, map[string]any{"repeats": "1,2,3,4,3,0,1"}, "repeats is 0"},
		{"resnet-photo", photo, map[string]any{"depth": 20}, "there is [10 14 18 26 34 50 101 152]"},
		{"resnet", photo, map[string]any{"shortcut": "none"}, "there is [pad pad-both project]"},
		{"squeezenet", photo, map[string]any{"version": "1.2"}, "there is [1.0 1.1]"},
		{"squeezenet-1.0", zoo.Image(tensor.Dims(6, 9, 1)), nil, "6 by 9"},
		{"u-net", photo, nil, "4 less than a larger multiple of 16"},
		{"u-net-padded", zoo.Image(tensor.Dims(64, 40, 3)), nil, "a multiple of 16"},
		{"u-net", zoo.Image(tensor.Dims(172, 172, 3)), nil, "nothing is left"},
		{"vgg", photo, map[string]any{"depth": 12}, "there is [11 13 16 19]"},
		{"vgg-16", zoo.Image(tensor.Dims(31, 99, 3)), nil, "31 by 99"},
		{"bert", text, map[string]any{"collect": "last"}, "there is [first mean sentence states]"},
		{"bert", text, map[string]any{"collect": "states"}, "as many as width"},
		{"bert", text, map[string]any{"heads": 7}, "7 heads do not divide"},
		{"bert", zoo.In{Type: ids(8)}, nil, "vocabularies"},
		{"llama", text, map[string]any{"width": 6, "heads": 2, "kv-heads": 2}, "no even number"},
		{"llama", text, map[string]any{"kv-heads": 4}, "does not divide 6 heads"},
		{"llama", text, map[string]any{"rotary": "thirds"}, "there is [halves pairs]"},
		{"llama", text, nil, "set tie to false"},
		{"gpt", text, map[string]any{"activation": "step"}, "no activation"},
	} {
		_, err := zoo.New(c.name, rng.None(), c.in, 4, c.set)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s %v: error %v, want %q", c.name, c.set, err, c.want)
		}
	}
}

// TestVariantsAreKnown: a variant is its architecture with other defaults, which
// may be changed in turn, and is not listed beside it.
func TestVariantsAreKnown(t *testing.T) {
	e, err := zoo.Lookup("vgg-19-bn")
	if err != nil || e.Settings.Int("depth") != 19 || !e.Settings.Bool("norm") || e.Settings.Int("width") != 64 {
		t.Errorf("%v %v", e.Settings, err)
	}
	if e, err := zoo.Lookup("alexnet-2012"); err != nil || len(e.Weights) != 1 || e.Weights[0].Name != "caffe" {
		t.Errorf("AlexNet of 2012 has the mappings %v (%v), want that of Caffe", e.Weights, err)
	}
	for _, name := range zoo.Names() {
		if name == "vgg-19-bn" {
			t.Error("a variant is listed with the architectures")
		}
	}
	if _, err := zoo.New("vgg-20", rng.None(), zoo.Image(tensor.Dims(32, 32, 3)), 2, nil); err == nil || !strings.Contains(err.Error(), "vgg-19-bn") {
		t.Errorf("the error does not list what there is: %v", err)
	}
	net, err := zoo.New("vgg-19-bn", rng.None(), zoo.Image(tensor.Dims(32, 32, 3)), 2, map[string]any{"width": 2, "hidden": 3})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(nn.Params(net)); n != 16*6+6 {
		t.Errorf("%d parameters and buffers, want %d", n, 16*6+6)
	}
}
