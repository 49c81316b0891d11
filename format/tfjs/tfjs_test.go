package tfjs

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// golden is what TensorFlow.js 4.22 computes and reads, written by
// testdata/make.mjs.
type golden struct {
	Models map[string]struct {
		Input, Output         []float32
		InputDims, OutputDims []int
	}
	Weights map[string]struct {
		Dims   []int
		Type   string
		Values []float64
	}
}

func readGolden(t *testing.T) golden {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// TestModels computes what TensorFlow.js computes, with weights in one file or
// several, and quantised.
func TestModels(t *testing.T) {
	for name, want := range readGolden(t).Models {
		t.Run(name, func(t *testing.T) {
			f, err := Open("testdata/" + name)
			if err != nil {
				t.Fatal(err)
			}
			m, err := f.Model()
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if got := m.MetaValue("ihae.source"); got != "keras tfjs-layers 4.22.0" {
				t.Errorf("of %q", got)
			}
			s, err := lower.NewSession(m, lower.Options{})
			if err != nil {
				t.Fatal(err)
			}
			in := tensor.From(tensor.Dims(want.InputDims...), want.Input)
			out, err := s.Run(t.Context(), map[string]tensor.Tensor{m.Graph.Inputs[0].Name: in})
			if err != nil {
				t.Fatal(err)
			}
			y := out[m.Graph.Outputs[0].Name]
			if !slices.Equal(y.Shape().Dims(), want.OutputDims) {
				t.Fatalf("%v, want %v", y.Shape(), want.OutputDims)
			}
			for i, v := range y.Floats() {
				if d := math.Abs(float64(v - want.Output[i])); !(d < 1e-5) {
					t.Errorf("element %d is %v, want %v", i, v, want.Output[i])
				}
			}
		})
	}
}

// TestWeights reads every kind of variable as TensorFlow.js does.
func TestWeights(t *testing.T) {
	f, err := Open("testdata/weights/all-weights_manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	want := readGolden(t).Weights
	if len(f.Names()) != len(want) || f.IsModel() {
		t.Errorf("%q, want %d", f.Names(), len(want))
	}
	for name, w := range want {
		x, err := f.Tensor(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if typ, err := f.Type(name); err != nil || typ != x.Type() || typ.DType.Name() != w.Type || !slices.Equal(typ.Shape.Dims(), w.Dims) {
			t.Errorf("%s is %v, %v; want %s%v", name, typ, err, w.Type, w.Dims)
		}
		wide := tensor.Widen(x)
		for i, v := range w.Values {
			if wide.F != nil && wide.F[i] != v || wide.I != nil && float64(wide.I[i]) != v {
				t.Errorf("%s: element %d of %v%v is not %v", name, i, wide.F, wide.I, v)
			}
		}
	}
	if _, err := f.Model(); err == nil || !strings.Contains(err.Error(), "no model") {
		t.Error(err)
	}
	if _, err := f.Tensor("absent"); err == nil || !strings.Contains(err.Error(), `no variable "absent"`) {
		t.Error(err)
	}
}

// TestOptimizersAreLeftOut: what was saved with includeOptimizer has their
// variables too, which no layer asks for.
func TestOptimizersAreLeftOut(t *testing.T) {
	for group, want := range map[string]string{"optimizer": "", "model": "belong to no layer: dense/kernel/m"} {
		dir := folder(t, map[string]string{"w": strings.Repeat("\x00", 12), "model.json": `{"format":"layers-model",
			"modelTopology":{"class_name":"Sequential","config":{"name":"m","layers":[{"class_name":"Dense",
				"config":{"name":"dense","units":1,"use_bias":false,"batch_input_shape":[null,1]}}]}},
			"weightsManifest":[{"paths":["w"],"weights":[{"name":"dense/kernel","shape":[1,1],"dtype":"float32","group":"model"},
				{"name":"iter","shape":[],"dtype":"int32","group":"optimizer"},{"name":"dense/kernel/m","shape":[1,1],"dtype":"float32","group":"` + group + `"}]}]}`})
		err := readAll(dir)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v; want %q", group, err, want)
		}
	}
}

const shared = "../../../shared/data/models/"

// TestFaceAPI reads the six networks of face-api as NumPy does, which
// testdata/faceapi.py wrote down: shape, sum, sum of squares, last element.
func TestFaceAPI(t *testing.T) {
	files, err := filepath.Glob(shared + "face-api/model/*-weights_manifest.json")
	if err != nil || len(files) == 0 {
		t.Skip("no face-api in ../shared/data/models on this machine")
	}
	h, err := os.Open("testdata/faceapi.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	z, err := gzip.NewReader(h)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]map[string][4]any
	if err := json.NewDecoder(z).Decode(&want); err != nil {
		t.Fatal(err)
	}
	if len(files) != len(want) {
		t.Errorf("%d manifests, want %d", len(files), len(want))
	}
	for _, name := range files {
		f, err := Open(name)
		if err != nil {
			t.Error(err)
			continue
		}
		all := want[filepath.Base(name)]
		if len(f.Names()) != len(all) {
			t.Errorf("%s: %d variables, want %d", name, len(f.Names()), len(all))
		}
		for variable, w := range all {
			checkSums(t, f, variable, w)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func checkSums(t *testing.T, f *File, name string, want [4]any) {
	t.Helper()
	x, err := f.Tensor(name)
	if err != nil {
		t.Error(err)
		return
	}
	shape, _ := json.Marshal(x.Shape().Dims())
	if w, _ := json.Marshal(want[0]); string(w) != string(shape) {
		t.Errorf("%s has the shape %s, want %s", name, shape, w)
	}
	sum, squares, last := 0.0, 0.0, 0.0
	for _, v := range x.Floats() {
		last = float64(v)
		sum, squares = sum+last, squares+last*last
	}
	for i, got := range []float64{sum, squares, last} {
		if w := want[i+1].(float64); math.Abs(got-w) > 1e-9*(1+squares) {
			t.Errorf("%s: %v, want %v", name, got, w)
		}
	}
}

// TestCharRNN writes Shakespeare with the weights of ml5's character network,
// always the most probable letter: the text of the README beside them.
func TestCharRNN(t *testing.T) {
	f, err := Open(shared + "charrnn-shakespeare")
	if err != nil {
		t.Skip("no charrnn-shakespeare in ../shared/data/models on this machine")
	}
	defer func() { _ = f.Close() }()
	n := newCharRNN(t, f)
	const want = "He shall be so shall be so stand stand and the sea\nThe state of the sentence of the sea\n"
	var id int
	for _, c := range "First Citizen:\n" {
		id = n.next(n.id[string(c)])
	}
	var got strings.Builder
	for range len(want) {
		got.WriteString(n.char[id])
		id = n.next(id)
	}
	if got.String() != want {
		t.Errorf("%q, want %q", got.String(), want)
	}
}

// charRNN is a network of two LSTM cells in float64 (TensorFlow's BasicLSTMCell:
// gates i, j, f, o; c = σ(f + 1)·c + σ(i)·tanh(j); h = σ(o)·tanh(c)).
type charRNN struct {
	id                map[string]int
	char              map[int]string
	embedding, out, b []float32
	weights, biases   [2][]float32
	hidden, cell      [2][]float64
	size              int
}

func newCharRNN(t *testing.T, f *File) *charRNN {
	t.Helper()
	read := func(name string) []float32 {
		x, err := f.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		return x.Floats()
	}
	n := &charRNN{char: map[int]string{}, size: 128}
	text, err := os.ReadFile(shared + "charrnn-shakespeare/vocab.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &n.id); err != nil {
		t.Fatal(err)
	}
	for c, id := range n.id {
		n.char[id] = c
	}
	n.char[13], n.id["u"] = "u", 13 // the file has it wrong
	n.embedding, n.out, n.b = read("embedding"), read("rnnlm/softmax_w"), read("rnnlm/softmax_b")
	for k, prefix := range []string{"rnnlm/multi_rnn_cell/cell_0/basic_lstm_cell/", "rnnlm/multi_rnn_cell/cell_1/basic_lstm_cell/"} {
		n.weights[k], n.biases[k] = read(prefix+"weights"), read(prefix+"biases")
		n.hidden[k], n.cell[k] = make([]float64, n.size), make([]float64, n.size)
	}
	return n
}

// next takes a letter and gives the most probable one after it.
func (n *charRNN) next(id int) int {
	x := make([]float64, n.size)
	for i := range x {
		x[i] = float64(n.embedding[id*n.size+i])
	}
	for k := range 2 {
		in := append(x, n.hidden[k]...)
		gates := make([]float64, 4*n.size)
		for j := range gates {
			gates[j] = float64(n.biases[k][j])
			for i, v := range in {
				gates[j] += v * float64(n.weights[k][i*len(gates)+j])
			}
		}
		sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
		for i := range n.size {
			g := [4]float64{gates[i], gates[n.size+i], gates[2*n.size+i], gates[3*n.size+i]}
			n.cell[k][i] = n.cell[k][i]*sigmoid(g[2]+1) + sigmoid(g[0])*math.Tanh(g[1])
			n.hidden[k][i] = sigmoid(g[3]) * math.Tanh(n.cell[k][i])
		}
		x = slices.Clone(n.hidden[k])
	}
	best, most := 0, math.Inf(-1)
	for j := range n.b {
		v := float64(n.b[j])
		for i, h := range x {
			v += h * float64(n.out[i*len(n.b)+j])
		}
		if v > most {
			best, most = j, v
		}
	}
	return best
}
