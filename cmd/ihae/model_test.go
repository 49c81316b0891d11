package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/npz"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/safetensors"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// drawn is a tensor of numbers evenly from -r to r.
func drawn(seed uint64, r float32, dims ...int) tensor.Tensor {
	t := tensor.New(tensor.F32(dims...))
	rand := rng.New(seed).Rand()
	for i := range t.Floats() {
		t.Floats()[i] = r * (2*rand.Float32() - 1)
	}
	return t
}

// writeModel writes a small classifier of grey images of 12 x 12 in three classes
// to path.
func writeModel(t *testing.T, path string) {
	t.Helper()
	b := onnx.NewBuilder("small")
	x := b.Input("image", 1, "N", 1, 12, 12)
	x = b.AddAs("features", "Conv", []string{x, b.Init("conv.weight", drawn(1, 0.4, 6, 1, 3, 3)), b.Init("conv.bias", drawn(2, 0.1, 6))}, onnx.Ints("pads", 1, 1, 1, 1))
	x = b.Add("Relu", []string{x})
	x = b.Add("Flatten", []string{b.Add("GlobalAveragePool", []string{x})})
	x = b.AddAs("logits", "Gemm", []string{x, b.Init("head.weight", drawn(3, 1, 3, 6)), b.Init("head.bias", drawn(4, 0.1, 3))}, onnx.Int("transB", 1))
	b.AddAs("probability", "Softmax", []string{x}, onnx.Int("axis", 1))
	b.Output("probability", 1, "N", 3)
	m, err := b.Model(17)
	if err != nil {
		t.Fatal(err)
	}
	file, err := onnx.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, string(file))
}

const smallSpec = `labels = ["dark", "bright side", "neither"]
[input]
kind = "image"
width = 12
height = 12
channels = 1
layout = "NCHW"
`

// TestAStrangersModel is the way of somebody with a model and a folder of images:
// what it is, what it says, a fine-tuned one, and that in ONNX.
func TestAStrangersModel(t *testing.T) {
	t.Chdir(t.TempDir())
	writeModel(t, "model.onnx")
	writeStripes(t)
	shown := must(t, "inspect", "model.onnx", "--svg", "model.svg")
	for _, want := range []string{"image: float32[N 1 12 12]", "parameters  81", "MACs        7.79 k", "GlobalAveragePool"} {
		if !strings.Contains(shown, want) {
			t.Errorf("inspect does not say %q:\n%s", want, shown)
		}
	}
	if svg, err := os.ReadFile("model.svg"); err != nil || !strings.Contains(string(svg), "Conv 3×3 1→6") {
		t.Errorf("the drawing: %v, %.200s", err, svg)
	}
	picture := pictureOf(t)
	code, out, errs := ihae(t.Context(), "predict", "model.onnx", picture)
	if code != 0 || !strings.Contains(errs, "guessed: NCHW, gray, 12 x 12") || !strings.Contains(out, "class ") {
		t.Errorf("predict by a guess: exit %d, %s%s", code, out, errs)
	}
	put(t, "model.onnx.toml", smallSpec)
	if out := must(t, "predict", "model.onnx", picture); !strings.Contains(out, "dark") && !strings.Contains(out, "bright side") && !strings.Contains(out, "neither") {
		t.Errorf("predict as described: %s", out)
	}
	must(t, "finetune", "model.onnx", "--data", "stripes", "--out", "tuned", "--epochs", "2", "--set", "batch=8")
	must(t, "predict", "tuned", picture)
	must(t, "eval", "tuned")
	must(t, "export", "tuned", "tuned.onnx")
	first := lines(t, must(t, "predict", "tuned", picture, "--json"))[0]
	second := lines(t, must(t, "predict", "tuned.onnx", picture, "--json"))[0]
	if first["label"] != second["label"] || first["probability"] != second["probability"] {
		t.Errorf("the run says %v, what it exports %v", first, second)
	}
}

// shared is a file of the data that all share, absolute; the test is skipped without it.
func shared(t *testing.T, parts ...string) string {
	t.Helper()
	p, err := filepath.Abs(filepath.Join(append([]string{"..", "..", "..", "shared", "data"}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(p); err != nil {
		t.Skipf("needs ../shared/data/%s", strings.Join(parts, "/"))
	}
	return p
}

// TestPublicWeightsAreKnown: the widely used weights of ResNet-20 become a model that
// says how it is fed and what its classes are. PyTorch has 727 of the 800 right.
func TestPublicWeightsAreKnown(t *testing.T) {
	weights := shared(t, "models", "cifar10-resnet20-pytorch", "resnet20-12fca82f.th")
	pictures := shared(t, "vision", "cifar10_subset", "cifar10_subset_png.zip")
	t.Chdir(t.TempDir())
	must(t, "import", weights, "--network", "resnet-20", "-o", "resnet20.onnx")
	said := lines(t, must(t, "eval", "resnet20.onnx", "--data", pictures, "--split", "test", "--json"))
	metrics, _ := said[len(said)-1]["metrics"].(map[string]any)
	if got := metrics["accuracy"]; got != 727.0/800 {
		t.Errorf("accuracy %v, want %v", got, 727.0/800)
	}
}

// pictureOf is one of the pictures of writeStripes.
func pictureOf(t *testing.T) string {
	t.Helper()
	var found string
	err := filepath.WalkDir("stripes", func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".png") && found == "" {
			found = path
		}
		return err
	})
	if err != nil || found == "" {
		t.Fatal("no picture", err)
	}
	return found
}

// TestFinetuningGoesOn: a fine-tuning that is stopped and resumed ends with the
// bits of an unbroken one; with part=head all other weights stay.
func TestFinetuningGoesOn(t *testing.T) {
	t.Chdir(t.TempDir())
	writeModel(t, "model.onnx")
	put(t, "model.onnx.toml", smallSpec)
	writeStripes(t)
	train := []string{"finetune", "model.onnx", "--data", "stripes", "--epochs", "2", "--set", "batch=8", "--set", "part=head"}
	must(t, append(train, "--out", "whole")...)
	must(t, append(train, "--out", "broken", "--set", "checkpoint.every=2")...)
	checkpoints, err := filepath.Glob("broken/checkpoints/step-*")
	if err != nil || len(checkpoints) < 2 {
		t.Fatal(checkpoints, err)
	}
	slices.Sort(checkpoints)
	for _, late := range checkpoints[1:] {
		if err := os.RemoveAll(late); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"result.json", "LAST", "BEST"} {
		_ = os.Remove(filepath.Join("broken", name))
	}
	must(t, "train", "--resume", "broken")
	if a, b := final(t, "whole"), final(t, "broken"); a != b {
		t.Errorf("resumed training ends with %s, unbroken with %s", b, a)
	}
	must(t, "export", "whole", "tuned.onnx")
	before, after := initialisers(t, "model.onnx"), initialisers(t, "tuned.onnx")
	for name, same := range map[string]bool{"conv.weight": true, "conv.bias": true, "head.weight": false} {
		if (before[name] == after[name]) != same {
			t.Errorf("%s: the same after the training: %v, want %v", name, before[name] == after[name], same)
		}
	}
}

func initialisers(t *testing.T, path string) map[string]string {
	t.Helper()
	m, err := onnx.Open(path, onnx.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	all := map[string]string{}
	for _, x := range m.Graph.Inits {
		v, err := x.Value()
		if err != nil {
			t.Fatal(err)
		}
		all[x.Name] = string(v.Bytes())
	}
	return all
}

func TestTensorsInAndOut(t *testing.T) {
	t.Chdir(t.TempDir())
	writeModel(t, "model.onnx")
	f, err := os.Create("in.npy")
	if err != nil {
		t.Fatal(err)
	}
	if err := npz.WriteArray(f, drawn(5, 1, 2, 1, 12, 12)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	got := lines(t, must(t, "predict", "model.onnx", "--input", "image=in.npy", "--output", "features", "--output", "probability", "-o", "out.npz", "--json"))
	if len(got) != 2 || got[0]["type"] != "float32[2 6 12 12]" || got[1]["type"] != "float32[2 3]" {
		t.Errorf("outputs: %v", got)
	}
	arrays, err := npz.Open("out.npz", npz.Limits{})
	if err != nil || len(arrays) != 2 || arrays[1].Name != "probability" {
		t.Fatal(arrays, err)
	}
	sum := float32(0)
	for _, p := range arrays[1].Tensor.Floats()[:3] {
		sum += p
	}
	if sum < 0.99999 || sum > 1.00001 {
		t.Errorf("probabilities add up to %v", sum)
	}
}

// badModels is commands that are refused, and what the refusal says.
var badModels = []struct {
	args string
	code int
	want []string
}{
	{"inspect absent.onnx", exitInput, []string{"absent.onnx"}},
	{"inspect cut.onnx", exitInput, []string{"cut.onnx", "byte"}},
	{"inspect text.onnx", exitInput, []string{"text.onnx"}},
	{"inspect empty.onnx", exitInput, []string{"empty.onnx is empty"}},
	{"inspect picture.png", exitInput, []string{"picture.png", "is no model", "onnx"}},
	{"inspect model.onnx --size N=x", exitUsage, []string{"--size N=x"}},
	{"inspect model.onnx --value z=1", exitUsage, []string{"no such input"}},
	{"predict weights.safetensors picture.png", exitInput, []string{"weights.safetensors", "without a graph", "--network"}},
	{"predict model.onnx picture.png --input-spec wrong.toml", exitInput, []string{"wrong.toml", "line 2", "bread"}},
	{"predict model.onnx picture.png", exitInput, []string{"picture.png"}},
	{"predict model.onnx --input image=in.npy", exitInput, []string{"in.npy"}},
	{"predict model.onnx --input image=in.txt", exitInput, []string{"in.txt", ".npz"}},
	{"predict model.onnx --input image", exitUsage, []string{"NAME=FILE"}},
	{"eval model.onnx", exitUsage, []string{"--data"}},
	{"finetune model.onnx", exitUsage, []string{"--data"}},
	{"import weights.safetensors -o out.onnx", exitInput, []string{"--network"}},
	{"import weights.safetensors -o out.onnx --network resnet-20", exitInput, []string{"weights.safetensors", "missing"}},
	{"import weights.safetensors -o out.onnx --network nothing", exitUsage, []string{"nothing"}},
	{"import model.onnx -o weights.safetensors", exitUsage, []string{"is there already", "--force"}},
	{"import model.onnx", exitUsage, []string{"-o"}},
	{"selftest onnx", exitUsage, []string{"--data"}},
	{"selftest onnx --data .", exitInput, []string{"node"}},
	{"compare model.onnx model.onnx", exitUsage, []string{"--data"}},
}

// TestBadModels: what is wrong with a model or a command is one line that names
// it, with its exit code.
func TestBadModels(t *testing.T) {
	t.Chdir(t.TempDir())
	writeModel(t, "model.onnx")
	whole, err := os.ReadFile("model.onnx")
	if err != nil {
		t.Fatal(err)
	}
	put(t, "cut.onnx", string(whole[:len(whole)/2]))
	put(t, "text.onnx", "no model at all")
	put(t, "empty.onnx", "")
	put(t, "picture.png", "no picture")
	var weights strings.Builder
	if err := safetensors.Write(&weights, []safetensors.Named{{Name: "w", Tensor: drawn(1, 1, 2, 2)}}, nil); err != nil {
		t.Fatal(err)
	}
	put(t, "weights.safetensors", weights.String())
	put(t, "wrong.toml", "labels = [\"a\"]\nbread = 1\n[input]\nkind=\"image\"\n")
	put(t, "in.npy", "no array")
	for _, c := range badModels {
		code, out, errs := ihae(t.Context(), strings.Fields(c.args)...)
		if code != c.code {
			t.Errorf("%s: exit %d, want %d: %s%s", c.args, code, c.code, out, errs)
		}
		for _, want := range c.want {
			if !strings.Contains(errs, want) {
				t.Errorf("%s: the error does not say %q: %s", c.args, want, errs)
			}
		}
		code, out, _ = ihae(t.Context(), append(strings.Fields(c.args), "--json")...)
		var object map[string]any
		last := strings.TrimSpace(out[strings.LastIndex(strings.TrimSpace(out), "\n")+1:])
		if code == 0 || json.Unmarshal([]byte(last), &object) != nil {
			t.Errorf("%s --json: exit %d, the error is no object: %s", c.args, code, out)
		}
	}
}

func TestCompareModels(t *testing.T) {
	t.Chdir(t.TempDir())
	writeModel(t, "a.onnx")
	writeModel(t, "b.onnx")
	writeStripes(t)
	put(t, "model.toml", smallSpec)
	got := lines(t, must(t, "compare", "a.onnx", "b.onnx", "--data", "stripes", "--json"))[0]
	if got["agree"] != 1.0 || got["largest_difference"] != 0.0 || got["images"].(float64) < 1 {
		t.Errorf("a model against itself: %v", got)
	}
}
