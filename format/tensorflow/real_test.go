package tensorflow

import (
	"os"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

const (
	keywordFolder = "../../../shared/data/models/kws-tf-frozen/"
	facePath      = "../../../shared/data/models/tf-face-ssd-uint8/opencv_face_detector_uint8.pb"
)

// keywordNets is the nets of Zhang et al., "Hello Edge: Keyword Spotting on
// Microcontrollers", 2017, with the operators that they must come to.
var keywordNets = map[string]string{
	"DNN_S": "MatMul", "CNN_S": "Conv", "DS_CNN_S": "BatchNormalization", "Basic_LSTM_S": "Loop", "LSTM_S": "Loop", "GRU_S": "Loop",
	"CRNN_S": "Loop",
}

// openReal translates a real file, or skips the test.
func openReal(t testing.TB, path string, o Options) *onnx.Model {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Skip(strings.TrimPrefix(path, "../../") + " is not there")
	}
	m, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestRealKeywords translates and runs all nets, those with loops too. The front
// end's coefficients are compared with TensorFlow's as well.
func TestRealKeywords(t *testing.T) {
	real := golden(t, "testdata/real.safetensors.gz")
	samples := tensor.Widen(real["keywords.samples"])
	sound := make([]float32, len(samples.I))
	for i, v := range samples.I {
		sound[i] = float32(v) / 32768
	}
	in := map[string]tensor.Tensor{"wav_data": tensor.From(tensor.Dims(1, len(sound)), sound)}
	pool := exec.NewPool(0)
	defer pool.Close()
	for name, op := range keywordNets {
		m := openReal(t, keywordFolder+name+".pb", Options{})
		write(t, name, m)
		if got := m.Graph.Inputs[0].Type.String(); got != "float32[N 16000]" || m.Graph.Inputs[0].Name != "wav_data" {
			t.Errorf("%s: input %s of type %s", name, m.Graph.Inputs[0].Name, got)
		}
		if len(m.Graph.Outputs) != 1 || m.Graph.Outputs[0].Name != "labels_softmax" {
			t.Errorf("%s: outputs %v", name, m.Graph.Outputs)
		}
		if m.MetaValue("ihae.input.kind") != "sound" || m.MetaValue("ihae.input.rate") != "16000" {
			t.Errorf("%s: metadata %v", name, m.Meta)
		}
		found := false
		for _, n := range m.Graph.Nodes {
			found = found || n.Op == op
		}
		if !found {
			t.Errorf("%s has no %s", name, op)
		}
		for result, y := range run(t, pool, m, in) {
			agree(t, name+" "+result, y, real[name+".out."+result], 1e-5)
		}
	}
	m := openReal(t, keywordFolder+"DNN_S.pb", Options{Outputs: []string{"Mfcc"}})
	agree(t, "Mfcc", run(t, pool, m, in)["Mfcc"], real["DNN_S.out.Mfcc"], 1e-4)
}

// TestRealFaces translates a net with quantized weights, whose sizes the file
// does not tell.
func TestRealFaces(t *testing.T) {
	m := openReal(t, facePath, Options{Inputs: map[string][]int{"data": {1, 300, 300, 3}}})
	write(t, "faces", m)
	want := map[string]string{"mbox_loc": "float32[1 35568]", "mbox_conf_flatten": "float32[1 17784]"}
	for _, p := range m.Graph.Outputs {
		if p.Type.String() != want[p.Name] {
			t.Errorf("%s has type %v, want %s", p.Name, p.Type, want[p.Name])
		}
	}
	real := golden(t, "testdata/real.safetensors.gz")
	in := map[string]tensor.Tensor{"data": picture(real["faces.pixels"])}
	pool := exec.NewPool(0)
	defer pool.Close()
	for result, y := range run(t, pool, m, in) {
		agree(t, result, everyEighth(y), real["faces.out."+result], 1e-4)
	}
	open := openReal(t, facePath, Options{})
	if got := open.Graph.Inputs[0].Type.String(); got != "float32[N ? ? ?]" {
		t.Errorf("without sizes the input has type %s", got)
	}
	if len(m.Graph.Outputs) != 2 || len(open.Graph.Outputs) != 2 {
		t.Errorf("%d and %d outputs, want 2", len(m.Graph.Outputs), len(open.Graph.Outputs))
	}
}

// picture is pixels [60 60 3], each as 5 by 5, less the means of the channels.
func picture(pixels tensor.Tensor) tensor.Tensor {
	y := make([]float32, 300*300*3)
	for i := range y {
		c, x, row := i%3, i/3%300, i/900
		y[i] = float32(pixels.Bytes()[(row/5*60+x/5)*3+c]) - []float32{104, 177, 123}[c]
	}
	return tensor.From(tensor.Dims(1, 300, 300, 3), y)
}

func everyEighth(t tensor.Tensor) tensor.Tensor {
	var y []float32
	for i := 0; i < len(t.Floats()); i += 8 {
		y = append(y, t.Floats()[i])
	}
	return tensor.From(tensor.Dims(1, len(y)), y)
}
