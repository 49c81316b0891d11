package zoo_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

var long = flag.Bool("long", false, "run the long tests")

// peer is what testdata/peers.py recorded of one network.
type peer struct {
	Input, Output []int
	Vocab         int       // of texts; 0 for images
	Step          int       // between samples
	Samples       []float64 // of the output
	Projection    float64   // of the whole output on the numbers "output"
	Norm          float64   // of the whole output
	Padded        *struct{ Row, From int }
	Weights       []string // name and sizes
}

func readPeer(t *testing.T, name string) peer {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "peers", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var p peer
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// mixed is the numbers of that name in peers.py, and units the same from 0 to 1.
func mixed(name string, n int) []uint32 {
	h := fnv.New32a()
	h.Write([]byte(name))
	list := make([]uint32, n)
	for i := range list {
		x := uint32(i)*0x9E3779B9 + h.Sum32()
		x = (x ^ x>>16) * 0x85EBCA6B
		x = (x ^ x>>13) * 0xC2B2AE35
		list[i] = x ^ x>>16
	}
	return list
}

func units(name string, n int) []float64 {
	list := make([]float64, n)
	for i, v := range mixed(name, n) {
		list[i] = float64(v) / (1 << 32)
	}
	return list
}

// weight is the tensor of that name in peers.py.
func weight(name string, s tensor.Shape) tensor.Tensor {
	t := tensor.New(tensor.Type{DType: tensor.Float32, Shape: s})
	fan := 1
	for i := 1; i < s.Rank(); i++ {
		fan *= s.Dim(i)
	}
	scale := math.Sqrt(6 / float64(fan))
	for i, u := range mixed(name, s.Size()) {
		u := float64(u) / (1 << 32)
		v := 2*u - 1
		switch {
		case s.Rank() > 1:
			v *= scale
		case strings.HasSuffix(name, "running_var"):
			v = 0.5 + u
		case strings.HasSuffix(name, "weight"):
			v = 1 + 0.3*v
		default:
			v *= 0.2
		}
		t.Floats()[i] = float32(v)
	}
	return t
}

// file is the weights of p as a file: the names, and a reader.
func (p peer) file(t *testing.T) (names []string, get func(string) (tensor.Tensor, error)) {
	shapes := map[string]tensor.Shape{}
	for _, line := range p.Weights {
		words := strings.Fields(line)
		var dims []int
		for _, w := range words[1:] {
			d, err := strconv.Atoi(w)
			if err != nil {
				t.Fatal(err)
			}
			dims = append(dims, d)
		}
		names = append(names, words[0])
		shapes[words[0]] = tensor.Dims(dims...)
	}
	return names, func(name string) (tensor.Tensor, error) {
		s, ok := shapes[name]
		if !ok {
			return tensor.Tensor{}, fmt.Errorf("no tensor %q", name)
		}
		if name == "lm_head.weight" && slices.Contains(names, "transformer.wte.weight") { // tied
			name = "transformer.wte.weight"
		}
		return weight(name, s), nil
	}
}

// feed is the input of p.
func (p peer) feed() tensor.Tensor {
	if p.Vocab == 0 {
		x := tensor.New(tensor.F32(p.Input...))
		for i, u := range units("input", x.Shape().Size()) {
			x.Floats()[i] = float32(2*u - 1)
		}
		return x
	}
	x := tensor.New(ids(p.Input...))
	list := tensor.Of[int32](x)
	for i, v := range mixed("input", len(list)) {
		list[i] = int32(v % uint32(p.Vocab))
	}
	if p.Padded != nil {
		clear(list[p.Padded.Row*p.Input[1]+p.Padded.From : (p.Padded.Row+1)*p.Input[1]])
	}
	return x
}

// in is what a network is built for.
func (p peer) in(places int) zoo.In {
	if p.Vocab == 0 {
		return zoo.Image(tensor.Dims(p.Input[1:]...))
	}
	return zoo.In{Type: ids(places), Vocab: []int{p.Vocab}}
}

// check compares an output with what the peer had.
func (p peer) check(t *testing.T, y tensor.Tensor) {
	t.Helper()
	if want := tensor.F32(p.Output...); y.Type() != want {
		t.Fatalf("the output is %v, want %v", y.Type(), want)
	}
	out := y.Floats()
	projection, norm, largest, far := 0.0, 0.0, 1.0, 0.0
	for i, u := range units("output", len(out)) {
		projection += (2*u - 1) * float64(out[i])
		norm += float64(out[i]) * float64(out[i])
	}
	for _, v := range p.Samples {
		largest = max(largest, math.Abs(v))
	}
	for i, v := range p.Samples {
		far = max(far, math.Abs(v-float64(out[i*p.Step])))
	}
	if !(far <= 1e-4*largest) {
		t.Errorf("off by %.3g of %.3g", far, largest)
	}
	if d := math.Abs(projection - p.Projection); !(d <= 1e-4*max(p.Norm, 1)) {
		t.Errorf("the projection is %v, want %v", projection, p.Projection)
	}
	if d := math.Abs(math.Sqrt(norm) - p.Norm); !(d <= 1e-4*max(p.Norm, 1)) {
		t.Errorf("the norm is %v, want %v", math.Sqrt(norm), p.Norm)
	}
	t.Logf("off by at most %.2g of %.3g", far, largest)
}

// forward compiles net for inputs of x's type and calls it.
func forward(t *testing.T, net nn.Layer, x tensor.Tensor) tensor.Tensor {
	t.Helper()
	c := nn.NewCtx(net)
	leaf := c.Graph.Leaf("x", x.Type())
	y := net.Forward(c, leaf)
	leaves, fed := []*graph.Node{leaf}, []tensor.Tensor{x}
	for _, p := range c.Used() {
		leaves, fed = append(leaves, c.Param(p.Param)), append(fed, p.Value)
	}
	f, err := graph.NewFunc("forward", leaves, []*graph.Node{y})
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(2)
	defer pool.Close()
	fn, err := exec.Compile(f, pool, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := fn.Call(t.Context(), fed...)
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

// mapping is the architecture's mapping of that name.
func mapping(t *testing.T, arch, name string) zoo.Mapping {
	t.Helper()
	e, err := zoo.Lookup(arch)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(e.Weights, func(m zoo.Mapping) bool { return m.Name == name })
	if i < 0 {
		t.Fatalf("%s has no mapping %q", arch, name)
	}
	return e.Weights[i]
}

// publicCases is the networks that peers.py recorded.
var publicCases = []struct {
	peer, arch, mapping string
	set                 map[string]any // besides the mapping's settings
	out                 int
	places              int // of texts
	long                bool
}{
	{peer: "lenet-5", arch: "lenet-5", mapping: "pytorch-tutorial", out: 10},
	{peer: "alexnet", arch: "alexnet", mapping: "torchvision", out: 1000},
	{peer: "alexnet-2012", arch: "alexnet-2012", mapping: "caffe", set: map[string]any{"widths": "12,32,48,48,32", "hidden": 64}, out: 1000},
	{peer: "vgg-11-bn-narrow", arch: "vgg-11-bn", mapping: "torchvision", set: map[string]any{"width": 8, "hidden": 32}, out: 10},
	{peer: "vgg-16", arch: "vgg-16", mapping: "torchvision", out: 1000, long: true},
	{peer: "vgg-19-bn", arch: "vgg-19-bn", mapping: "torchvision", out: 1000, long: true},
	{peer: "resnet-18", arch: "resnet-18", mapping: "torchvision", out: 1000},
	{peer: "resnet-34", arch: "resnet-34", mapping: "torchvision", out: 1000, long: true},
	{peer: "resnet-50", arch: "resnet-50", mapping: "torchvision", out: 1000},
	{peer: "squeezenet-1.0", arch: "squeezenet-1.0", mapping: "torchvision", out: 1000},
	{peer: "squeezenet-1.1", arch: "squeezenet-1.1", mapping: "torchvision", out: 1000},
	{peer: "mobilenet-v2", arch: "mobilenet-v2", mapping: "torchvision", out: 1000},
	{peer: "mobilenet-v2-0.75", arch: "mobilenet-v2-0.75", mapping: "torchvision", out: 1000},
	{peer: "u-net", arch: "u-net", mapping: "pytorch-unet", set: map[string]any{"width": 4, "padded": false, "norm": false}, out: 2},
	{peer: "u-net-padded", arch: "u-net-padded", mapping: "pytorch-unet", set: map[string]any{"width": 8}, out: 2},
	{peer: "u-net-brain", arch: "u-net-brain", mapping: "brain-segmentation-pytorch", set: map[string]any{"width": 4}, out: 1},
	{peer: "resnet-8-project", arch: "resnet", mapping: "pytorch-cifar-models", set: map[string]any{"depth": 8}, out: 10},
	{peer: "bert", arch: "bert", mapping: "transformers", set: tinyBERT, out: 5, places: 16},
	{peer: "bert-sentence", arch: "minilm-l6", mapping: "transformers", set: tinyBERT, out: 24, places: 16},
	{peer: "gpt-2", arch: "gpt-2", mapping: "transformers", set: map[string]any{"layers": 2, "heads": 3, "width": 24}, out: 50, places: 16},
	{peer: "llama", arch: "llama", mapping: "transformers", out: 50, places: 16, set: map[string]any{
		"layers": 2, "heads": 6, "kv-heads": 2, "width": 24, "hidden": 40, "base": 1000,
	}},
}

var tinyBERT = map[string]any{"layers": 2, "heads": 3, "width": 24, "hidden": 40}

// TestPublicWeights fills each architecture from tensors with a library's names
// and shapes, and compares what it makes of an input with what the library made.
func TestPublicWeights(t *testing.T) {
	for _, c := range publicCases {
		t.Run(c.peer, func(t *testing.T) {
			if c.long && !*long {
				t.Skip("only with -long")
			}
			p, m := readPeer(t, c.peer), mapping(t, c.arch, c.mapping)
			set := map[string]any{}
			for _, from := range []map[string]any{m.Settings, c.set} {
				for name, v := range from {
					set[name] = v
				}
			}
			net, err := zoo.New(c.arch, rng.None(), p.in(c.places), c.out, set)
			if err != nil {
				t.Fatal(err)
			}
			names, get := p.file(t)
			if err := zoo.LoadWeights(net, m, names, get); err != nil {
				t.Fatal(err)
			}
			p.check(t, forward(t, net, p.feed()))
		})
	}
}
