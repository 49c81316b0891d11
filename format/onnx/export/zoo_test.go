package export_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

var long = flag.Bool("long", false, "write the published sizes of all architectures too")

// batches is the batches that a model of any batch is run with.
var batches = []int{1, 2, 5}

// image, text and row are inputs of a network.
func image(dims ...int) zoo.In { return zoo.Image(tensor.Dims(dims...)) }

func text(length, vocab int) zoo.In {
	return zoo.In{Type: tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(length)}, Vocab: []int{vocab}}
}

func row(length int, vocab ...int) zoo.In {
	return zoo.In{Type: tensor.F32(length), Vocab: vocab}
}

// architecture is a network that is written.
type architecture struct {
	name string
	in   zoo.In
	out  int
	set  map[string]any
}

// architectures is every architecture, small, in each of its forms.
var architectures = []architecture{
	{"alexnet", image(67, 67, 1), 3, map[string]any{"widths": []int{2, 2, 4, 2, 2}, "hidden": 3, "groups": 2, "pad": 0, "norm.alpha": 0.3}},
	{"bert", text(7, 30), 3, map[string]any{"layers": 2, "heads": 2, "width": 8, "hidden": 12}},
	{"bert", text(7, 30), 8, map[string]any{"layers": 1, "heads": 2, "width": 8, "hidden": 12, "collect": "sentence"}},
	{"bert", text(7, 30), 3, map[string]any{"layers": 1, "heads": 2, "width": 8, "hidden": 12, "collect": "mean", "padding": -1}},
	{"char-lstm", text(6, 11), 11, map[string]any{"width": 5, "hidden": 7, "layers": 2}},
	{"digits-cnn", image(14, 12, 1), 4, map[string]any{"widths": []int{3}, "hidden": 5}},
	{"faces-cnn", image(13, 12, 1), 2, map[string]any{"widths": []int{2, 3}}},
	{"gpt", text(6, 17), 17, map[string]any{"layers": 2, "heads": 2, "width": 8}},
	{"gpt", text(6, 17), 17, map[string]any{"layers": 1, "heads": 2, "width": 8, "bias": true, "activation": "gelu-tanh", "tie": false}},
	{"lenet-5", image(16, 17, 1), 3, map[string]any{"hidden": []int{5, 4}, "table": true, "pool": "weighted", "activation": "squash"}},
	{"lenet-5", image(32, 32, 1), 3, map[string]any{"activation": "relu", "pool": "max"}},
	{"llama", text(6, 17), 17, map[string]any{"layers": 2, "heads": 4, "kv-heads": 2, "width": 8, "hidden": 12}},
	{"llama", text(6, 17), 17, map[string]any{"layers": 1, "heads": 2, "kv-heads": 2, "width": 8, "hidden": 12, "rotary": "halves", "tie": false}},
	{"mlp", image(4, 3, 1), 3, map[string]any{"hidden": []int{5, 4}, "activation": "gelu"}},
	{"mlp", row(6), 2, map[string]any{"hidden": []int{5}}},
	{"mobilenet-v2", image(17, 16, 3), 3, map[string]any{"width": 0.2, "expand": "1,2", "widths": "8,8", "repeats": "1,2", "strides": "1,2"}},
	{"resnet", image(12, 13, 3), 3, map[string]any{"depth": 8, "width": 2}},
	{"resnet", image(12, 13, 3), 3, map[string]any{"depth": 8, "width": 2, "shortcut": "project"}},
	{"resnet-photo", image(33, 36, 1), 3, map[string]any{"depth": 14, "width": 2}},
	{"resnet-photo", image(33, 36, 1), 3, map[string]any{"depth": 50, "width": 1}},
	{"squeezenet", image(28, 27, 2), 3, map[string]any{"squeeze": 1}},
	{"squeezenet", image(28, 27, 2), 3, map[string]any{"squeeze": 1, "version": "1.0"}},
	{"table-net", row(9), 1, map[string]any{"width": 8}},
	{"table-net", row(9, 20, 30), 3, map[string]any{"width": 8, "embed": 4}},
	{"text-cnn", text(12, 40), 3, map[string]any{"width": 6, "channels": 5}},
	{"text-cnn", text(12, 40), 3, map[string]any{"width": 6, "channels": 5, "hidden": 7, "grams": 64}},
	{"u-net", image(8, 12, 2), 3, map[string]any{"width": 2, "levels": 2, "padded": true, "norm": true}},
	{"vgg", image(32, 33, 1), 3, map[string]any{"depth": 11, "width": 2, "hidden": 4}},
}

// TestArchitecturesComeBack writes every architecture for batches of any size,
// reads the file back, and asks that it computes for some batches what a graph of
// that batch does.
func TestArchitecturesComeBack(t *testing.T) {
	all := architectures
	if *long {
		all = append(slices.Clone(all), published(t)...)
	}
	seen := map[string]bool{zoo.ImportedName: true}
	for i, a := range all {
		seen[a.name] = true
		t.Run(fmt.Sprintf("%s/%d", a.name, i), func(t *testing.T) { a.comesBack(t, i) })
	}
	for _, name := range zoo.Names() {
		if !seen[name] {
			t.Errorf("architecture %s is not written by this test", name)
		}
	}
}

// published is the sizes of all architectures that were published.
func published(t *testing.T) []architecture {
	var all []architecture
	for _, name := range zoo.Names() {
		e, err := zoo.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range e.Variants {
			if v.Name != "gpt-2-large" { // more than a file of the format may hold
				all = append(all, architecture{v.Name, v.In, v.Out, v.Settings})
			}
		}
	}
	return all
}

func (a architecture) comesBack(t *testing.T, seed int) {
	net, err := zoo.New(a.name, rng.New(uint64(seed)), a.in, a.out, a.set)
	if err != nil {
		t.Fatal(err)
	}
	stir(net, rng.New(uint64(seed)).Split("stir"))
	m, err := zoo.Export(a.name, net, a.in, 0)
	if err != nil {
		t.Fatal(err)
	}
	b, err := onnx.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	sizes := batches
	if *long {
		sizes = batches[:2]
	} else if again, err := zoo.Export(a.name, net, a.in, 0); err != nil {
		t.Fatal(err)
	} else if second, err := onnx.Encode(again); err != nil || !slices.Equal(b, second) {
		t.Errorf("a second export differs, %v", err)
	}
	if m, err = onnx.Read(b, onnx.Limits{}); err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(1)
	defer pool.Close()
	s, err := lower.NewSession(m, lower.Options{Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range sizes {
		x := a.draw(n, rng.New(uint64(n)))
		got, err := s.Run(context.Background(), map[string]tensor.Tensor{"input": x})
		if err != nil {
			t.Fatalf("batch %d: %v", n, err)
		}
		want := a.answer(t, net, pool, x)
		if off := distance(got["output"], want); !(off <= 1e-5) {
			t.Errorf("batch %d: off by %.2g of the largest", n, off)
		}
		keepModel(t, fmt.Sprintf("%s_%d_%d", a.name, seed, n), b, x, want)
	}
}

// stir gives the statistics of normalisations values that are not those of fresh
// networks, and biases others than 0.
func stir(net nn.Layer, r rng.Stream) {
	for _, p := range nn.Params(net) {
		if p.Buffer || p.NoDecay {
			v := p.Value.Floats()
			r.Split(p.Path).Uniform(v, 0.5, 1.5)
		}
	}
}

// draw is a batch of inputs.
func (a architecture) draw(n int, r rng.Stream) tensor.Tensor {
	t := a.in.Type
	t.Shape = tensor.Dims(append([]int{n}, t.Shape.Dims()...)...)
	x, rand := tensor.New(t), r.Rand()
	if t.DType == tensor.Int32 {
		for i := range tensor.Of[int32](x) {
			tensor.Of[int32](x)[i] = int32(rand.IntN(a.in.Vocab[0]))
		}
		return x
	}
	f := x.Floats()
	for i := range f {
		f[i] = rand.Float32()
		if k := i%t.Shape.Dim(-1) - (t.Shape.Dim(-1) - len(a.in.Vocab)); k >= 0 { // the number of a category
			f[i] = float32(rand.IntN(a.in.Vocab[k]))
		}
	}
	return x
}

// answer is what net computes of x.
func (a architecture) answer(t *testing.T, net nn.Layer, pool *exec.Pool, x tensor.Tensor) tensor.Tensor {
	c := nn.NewCtx(net)
	leaf := c.Graph.Leaf("input", x.Type())
	y := c.In("", net, leaf)
	leaves, values := []*graph.Node{leaf}, []tensor.Tensor{x}
	for _, p := range c.Used() {
		leaves, values = append(leaves, c.Param(p.Param)), append(values, p.Value)
	}
	f, err := graph.NewFunc("net", leaves, []*graph.Node{y})
	if err != nil {
		t.Fatal(err)
	}
	fn, err := exec.Compile(f, pool, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := fn.Call(context.Background(), values...)
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

// distance is the largest difference, relative to the largest of b and 1e-30; NaN
// for other types.
func distance(a, b tensor.Tensor) float64 {
	if a.Type() != b.Type() {
		return math.NaN()
	}
	most, off := 1e-30, 0.0
	for i, v := range b.Floats() {
		most = max(most, math.Abs(float64(v)))
		off = max(off, math.Abs(float64(v)-float64(a.Floats()[i])))
	}
	return off / most
}

// keepModel writes a model and a case for it if IHAE_ONNX_DIR asks for it.
func keepModel(t *testing.T, name string, model []byte, in, out tensor.Tensor) {
	dir := os.Getenv("IHAE_ONNX_DIR")
	if dir == "" {
		return
	}
	keepFile(t, filepath.Join(dir, "node", name, "model.onnx"), model, nil)
	set := filepath.Join(dir, "node", name, "test_data_set_0")
	b, err := onnx.EncodeTensor(onnx.NewTensor("", in))
	keepFile(t, filepath.Join(set, "input_0.pb"), b, err)
	b, err = onnx.EncodeTensor(onnx.NewTensor("", out))
	keepFile(t, filepath.Join(set, "output_0.pb"), b, err)
}
