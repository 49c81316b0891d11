package tensorflow

import (
	"os"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
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

// TestRealKeywords translates all nets, those with loops too.
func TestRealKeywords(t *testing.T) {
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
	}
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
	open := openReal(t, facePath, Options{})
	if got := open.Graph.Inputs[0].Type.String(); got != "float32[N ? ? ?]" {
		t.Errorf("without sizes the input has type %s", got)
	}
	if len(m.Graph.Outputs) != 2 || len(open.Graph.Outputs) != 2 {
		t.Errorf("%d and %d outputs, want 2", len(m.Graph.Outputs), len(open.Graph.Outputs))
	}
}
