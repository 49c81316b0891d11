package zoo_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// graphOf is a model of nodes from x to y, with initialisers of shapes.
func graphOf(inits map[string][]int64, nodes ...*onnx.Node) *onnx.Model {
	g := &onnx.Graph{
		Nodes: nodes, Inputs: []*onnx.Port{{Name: "x", Type: onnx.TensorOf(1, "N", 3, 8, 8)}}, Outputs: []*onnx.Port{{Name: "y", Type: onnx.TensorOf(1, "N", 5)}},
	}
	for name, dims := range inits {
		g.Inits = append(g.Inits, &onnx.Tensor{Name: name, Elem: 1, Dims: dims})
	}
	return &onnx.Model{IR: 8, Opsets: []onnx.Opset{{Version: 18}}, Graph: g}
}

// op is a node with one result.
func op(name, out string, in ...string) *onnx.Node {
	return &onnx.Node{Op: name, In: in, Out: []string{out}}
}

// TestBrokenHeads: models whose end is no classifier's, or lies, are refused, and so
// are they as layers and to be guessed.
func TestBrokenHeads(t *testing.T) {
	none := graphOf(nil)
	none.Graph.Outputs = nil
	foreign := op("Conv", "y", "x", "w")
	foreign.Domain = "com.example"
	for _, c := range []struct {
		name string
		m    *onnx.Model
		want string
	}{
		{"no output", none, "no output"},
		{"an operator of nothing", graphOf(nil, op("Softmax", "y")), "Softmax, behind which"},
		{"a convolution without weights", graphOf(nil, op("Conv", "y", "x")), "are not in the file"},
		{"weights of no elements and endless classes", graphOf(map[string][]int64{"w": {1 << 40, 0}}, op("Gemm", "y", "x", "w"), op("MatMul", "z", "x", "w")), "0 classes"},
		{"of endless classes", graphOf(map[string][]int64{"w": {1 << 40, 0, 1, 1}}, op("Conv", "y", "x", "w")), "1099511627776 classes"},
		{"another's operator", graphOf(map[string][]int64{"w": {5, 3, 1, 1}}, foreign), "com.example.Conv"},
	} {
		if _, err := zoo.FindHead(c.m); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the head has the error %v, want %q", c.name, err, c.want)
		}
		if _, err := zoo.Describe(c.m, "nowhere.onnx", ""); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the guess has the error %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := zoo.NewImported(none, false); err == nil {
		t.Error("a layer has no output")
	}
	if _, err := zoo.NewImported(graphOf(nil, op("Softmax", "y")), false); err != nil {
		t.Error(err)
	}
}

// TestSoundsThatLie: what a file says of sounds does not decide how much memory is
// taken.
func TestSoundsThatLie(t *testing.T) {
	sound := func(m *onnx.Model) *onnx.Model {
		for key, v := range map[string]string{"kind": "sound", "rate": "16000", "samples": "16000"} {
			m.SetMeta("ihae.input."+key, v)
		}
		return m
	}
	endless := sound(graphOf(nil, op("Relu", "y", "x")))
	endless.Graph.Outputs[0].Type = onnx.TensorOf(1, "N", 1<<60)
	none, deaf := sound(graphOf(nil)), sound(graphOf(nil, op("Relu", "y", "x")))
	none.Graph.Outputs, deaf.Graph.Inputs = nil, nil
	for m, want := range map[*onnx.Model]string{endless: "no list of classes", none: "0 outputs", deaf: "0 inputs"} {
		if _, err := zoo.Describe(m, "nowhere.onnx", ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	big := graphOf(map[string][]int64{"w": {5, 3, 1, 1}}, op("Conv", "y", "x", "w"))
	big.Graph.Inputs[0].Type = onnx.TensorOf(1, "N", 3, 1<<30, 1<<30)
	if _, err := zoo.Describe(big, "nowhere.onnx", ""); err == nil || !strings.Contains(err.Error(), "sides are 1 to 10000") {
		t.Errorf("an image of 2^60 places is guessed, %v", err)
	}
}

// TestHeadsOfOtherClasses: weights, biases and the output's type change along the
// classes' axis alone.
func TestHeadsOfOtherClasses(t *testing.T) {
	for _, c := range []struct {
		name  string
		inits map[string][]int
		nodes []*onnx.Node
		want  map[string][]int64
	}{
		{
			"a sum behind a convolution", map[string][]int{"w": {5, 3, 1, 1}, "b": {1, 5, 1, 1}},
			[]*onnx.Node{op("Conv", "z", "x", "w"), op("Add", "y", "z", "b")},
			map[string][]int64{"w": {4, 3, 1, 1}, "b": {1, 4, 1, 1}},
		},
		{
			"one number for all", map[string][]int{"w": {8, 5}, "b": {}},
			[]*onnx.Node{op("MatMul", "z", "x", "w"), op("Add", "y", "b", "z")},
			map[string][]int64{"w": {8, 4}, "b": {}},
		},
		{
			"products of many", map[string][]int{"w": {3, 8, 5}},
			[]*onnx.Node{op("MatMul", "y", "x", "w")},
			map[string][]int64{"w": {3, 8, 4}},
		},
		{
			"two biases", map[string][]int{"w": {8, 5}, "b": {5}, "c": {1, 5}},
			[]*onnx.Node{op("Gemm", "z", "x", "w", "b"), op("Add", "y", "z", "c")},
			map[string][]int64{"w": {8, 4}, "b": {4}, "c": {1, 4}},
		},
		{
			"from one class on", map[string][]int{"w": {8, 1}, "b": {1}},
			[]*onnx.Node{op("Gemm", "y", "x", "w", "b")},
			map[string][]int64{"w": {8, 4}, "b": {4}},
		},
	} {
		m := graphOf(nil, c.nodes...)
		for name, dims := range c.inits {
			m.Graph.Inits = append(m.Graph.Inits, onnx.NewTensor(name, tensor.New(tensor.F32(dims...))))
		}
		h, err := zoo.FindHead(m)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		y, err := h.WithClasses(m, 4, rng.New(1))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for name, want := range c.want {
			if got := y.Graph.Init(name).Dims; !slices.Equal(got, want) {
				t.Errorf("%s: %s is %v, want %v", c.name, name, got, want)
			}
		}
		out := fmt.Sprint(y.Graph.Outputs[0].Type)
		if want := map[int]string{5: "float32[N 4]", 1: "float32[N 5]"}[h.Classes]; out != want {
			t.Errorf("%s: the output is %s, want %s", c.name, out, want)
		}
	}
}

// TestShapesThatNameNoSizes: the shape of a Reshape that is no whole numbers is
// refused.
func TestShapesThatNameNoSizes(t *testing.T) {
	m := graphOf(map[string][]int64{"w": {8, 5}}, op("MatMul", "z", "x", "w"), op("Reshape", "y", "z", "s"))
	m.Graph.Inits = append(m.Graph.Inits, onnx.NewTensor("s", tensor.New(tensor.F32(2))))
	h, err := zoo.FindHead(m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.WithClasses(m, 4, rng.New(1)); err == nil || !strings.Contains(err.Error(), `shape "s" is float32`) {
		t.Errorf("error %v", err)
	}
}

// TestNoWeightsAreKnown: the network of the paper on U-Net was never published with
// weights, other sizes of it were.
func TestNoWeightsAreKnown(t *testing.T) {
	_, _, err := zoo.Filled("u-net", rng.New(1), []string{"w"}, func(string) (tensor.Tensor, error) { return tensor.Scalar(float32(1)), nil })
	if err == nil || !strings.Contains(err.Error(), "no public weights are known of u-net") {
		t.Errorf("error %v", err)
	}
}

// TestDescriptionsOfOthers: a named file that describes another model is named in
// the error; one that happens to lie beside is passed over.
func TestDescriptionsOfOthers(t *testing.T) {
	dir := t.TempDir()
	spec := filepath.Join(dir, "model.toml")
	if err := os.WriteFile(spec, []byte("task = \"t\"\n[architecture]\nname = \"mlp\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := graphOf(nil, op("Relu", "y", "x"))
	if _, err := zoo.Describe(m, "m.onnx", spec); err == nil || !strings.Contains(err.Error(), spec+": describes another model") {
		t.Errorf("named: %v", err)
	}
	if _, err := zoo.Describe(m, filepath.Join(dir, "m.onnx"), ""); err == nil || !strings.Contains(err.Error(), "no classifier") {
		t.Errorf("beside: %v", err)
	}
}
