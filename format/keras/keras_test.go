package keras

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// sample is a model of testdata, written by testdata/make.py: what Keras computes
// with it.
type sample struct {
	Name            string
	Config          json.RawMessage
	Weights, Inputs map[string]array
	Outputs         []array
}

// array is a tensor in JSON.
type array struct {
	Type string
	Dims []int
	Data string
}

func (a array) tensor() (tensor.Tensor, error) {
	d, err := tensor.ParseDType(a.Type)
	if err != nil {
		return tensor.Tensor{}, err
	}
	b, err := base64.StdEncoding.DecodeString(a.Data)
	if err != nil {
		return tensor.Tensor{}, err
	}
	x := tensor.New(tensor.Type{DType: d, Shape: tensor.Dims(a.Dims...)})
	copy(x.Bytes(), b)
	return x, nil
}

func unpack(t testing.TB, name string) []byte {
	t.Helper()
	f, err := os.Open("testdata/" + name + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func samples(t testing.TB, version string) []sample {
	t.Helper()
	var list []sample
	if err := json.Unmarshal(unpack(t, "layers"+version+".json"), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// convert is the model of a sample.
func (s *sample) convert() (*onnx.Model, error) {
	w := &Weights{}
	for name, a := range s.Weights {
		w.Add(name, a.tensor)
	}
	m, err := Convert(s.Config, w.Find)
	if err != nil {
		return nil, err
	}
	return m, w.Unused()
}

// TestLayers computes every kind of layer as Keras does: 2.15.0 with TensorFlow,
// and 3.15.1 with PyTorch.
func TestLayers(t *testing.T) {
	for _, version := range []string{"2", "3"} {
		for _, s := range samples(t, version) {
			t.Run(version+"/"+s.Name, func(t *testing.T) {
				m, err := s.convert()
				if err != nil {
					t.Fatal(err)
				}
				compare(t, m, s.Inputs, s.Outputs)
			})
		}
	}
}

// TestOldSequentialModels: before Keras 2.2.3 their config was a list, and their
// first layer has the shape of the input.
func TestOldSequentialModels(t *testing.T) {
	for _, s := range samples(t, "2") {
		if s.Name != "conv2" && s.Name != "lstm" {
			continue
		}
		var m struct {
			Class  string `json:"class_name"`
			Config struct{ Layers []map[string]any }
		}
		if err := json.Unmarshal(s.Config, &m); err != nil || m.Class != "Sequential" {
			t.Fatal(m.Class, err)
		}
		list := m.Config.Layers
		first, _ := list[1]["config"].(map[string]any)
		input, _ := list[0]["config"].(map[string]any)
		first["batch_input_shape"] = input["batch_input_shape"]
		var err error
		if s.Config, err = json.Marshal(map[string]any{"class_name": "Sequential", "config": list[1:]}); err != nil {
			t.Fatal(err)
		}
		model, err := s.convert()
		if err != nil {
			t.Fatal(err)
		}
		compare(t, model, s.Inputs, s.Outputs)
	}
}

// compare runs a model and compares its outputs, in their order.
func compare(t *testing.T, m *onnx.Model, inputs map[string]array, want []array) {
	t.Helper()
	s, err := lower.NewSession(m, lower.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in := map[string]tensor.Tensor{}
	for _, p := range m.Graph.Inputs {
		a, ok := inputs[p.Name]
		if !ok && len(inputs) == 1 {
			for _, a = range inputs { // the one input, whatever its name
			}
		}
		if in[p.Name], err = a.tensor(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Graph.Outputs) != len(want) {
		t.Fatalf("%d outputs, want %d", len(m.Graph.Outputs), len(want))
	}
	for i, p := range m.Graph.Outputs {
		w, err := want[i].tensor()
		if err != nil {
			t.Fatal(err)
		}
		near(t, p, got[p.Name], w)
	}
}

// near asks for the shape that the port declares, and for elements within 10⁻⁴ of
// the largest.
func near(t *testing.T, p *onnx.Port, got, want tensor.Tensor) {
	t.Helper()
	if got.Type() != want.Type() {
		t.Fatalf("%s is %v, want %v", p.Name, got.Type(), want.Type())
	}
	for i, d := range p.Type.Dims {
		if d.Size >= 0 && d.Size != int64(want.Shape().Dim(i)) || len(p.Type.Dims) != want.Shape().Rank() {
			t.Errorf("%s is declared as %v and is %v", p.Name, p.Type, want.Type())
		}
	}
	scale := 1.0
	for _, v := range want.Floats() {
		scale = max(scale, math.Abs(float64(v)))
	}
	for i, v := range got.Floats() {
		if d := math.Abs(float64(v - want.Floats()[i])); !(d <= 1e-4*scale) {
			t.Fatalf("%s: element %d is %v, want %v", p.Name, i, v, want.Floats()[i])
		}
	}
}

// TestFiles opens one model in all forms in which Keras 2 and 3 save it.
func TestFiles(t *testing.T) {
	for _, version := range []string{"2", "3"} {
		var want sample
		if err := json.Unmarshal(unpack(t, "model"+version+".json"), &want); err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{".h5", ".keras"} {
			t.Run(version+form, func(t *testing.T) {
				name := filepath.Join(t.TempDir(), "model"+form)
				if err := os.WriteFile(name, unpack(t, "model"+version+form), 0o600); err != nil {
					t.Fatal(err)
				}
				m, err := Open(name)
				if err != nil {
					t.Fatal(err)
				}
				if in, out := m.Graph.Inputs[0].Name, m.Graph.Outputs[0].Name; in != "image" || out != "answer" {
					t.Errorf("from %q to %q", in, out)
				}
				if source := m.MetaValue("ihae.source"); source[:7] != "keras "+version {
					t.Errorf("of %q", source)
				}
				compare(t, m, want.Inputs, want.Outputs)
			})
		}
	}
}

// TestManyLayers: the names of the layers do not fit one attribute.
func TestManyLayers(t *testing.T) {
	name := filepath.Join(t.TempDir(), "many.h5")
	if err := os.WriteFile(name, unpack(t, "many.h5"), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	var want sample
	if err := json.Unmarshal(unpack(t, "many.json"), &want); err != nil {
		t.Fatal(err)
	}
	compare(t, m, want.Inputs, want.Outputs)
}

// TestEmotion says of three faces of a photograph what Keras 2.15 says, which
// testdata/faces.py wrote down, and nearly what another implementation said of
// crops that it made itself.
func TestEmotion(t *testing.T) {
	const file = "../../../shared/data/models/emotion-fer2013-keras/fer2013_mini_XCEPTION.102-0.66.hdf5"
	if _, err := os.Stat(file); err != nil {
		t.Skip("no emotion-fer2013-keras in ../shared/data/models on this machine")
	}
	m, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.MetaValue("ihae.source"); got != "keras 2.0.5" {
		t.Error(got)
	}
	var c struct {
		Faces []byte
		Want  [][]float32
	}
	if err := json.Unmarshal(unpack(t, "faces.json"), &c); err != nil {
		t.Fatal(err)
	}
	x := tensor.New(tensor.F32(3, 64, 64, 1))
	for i, v := range c.Faces {
		x.Floats()[i] = (float32(v)/255 - 0.5) * 2
	}
	s, err := lower.NewSession(m, lower.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Run(t.Context(), map[string]tensor.Tensor{"input_1": x})
	if err != nil {
		t.Fatal(err)
	}
	const happy = 3
	for i, other := range []float64{0.754, 0.955, 0.867} {
		row := out["predictions"].Floats()[7*i:][:7]
		for k, v := range row {
			if d := math.Abs(float64(v - c.Want[i][k])); !(d < 1e-4) {
				t.Errorf("face %d: probability %d is %v, want %v", i, k, v, c.Want[i][k])
			}
		}
		if d := math.Abs(float64(row[happy]) - other); d > 0.03 {
			t.Errorf("face %d: happy %v, another implementation said %v", i, row[happy], other)
		}
	}
}
