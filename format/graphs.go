package format

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ihae/ihae/format/caffe"
	"github.com/ihae/ihae/format/keras"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/tensorflow"
	"github.com/ihae/ihae/format/tfjs"
	"github.com/ihae/ihae/format/theano"
	"github.com/ihae/ihae/format/torch7"
	"github.com/ihae/ihae/tensor"
)

// The formats that other programs save whole models in, translated into ONNX.

func init() {
	register(reader{
		name: "keras",
		is: func(path string, head []byte) bool {
			return begins(head, "\x89HDF\r\n\x1a\n") || named(path, ".keras", ".h5", ".hdf5") || isKerasZip(head)
		},
		open: graphOf(keras.Open),
	})
	register(reader{
		name: "caffe", is: func(path string, _ []byte) bool { return named(path, ".caffemodel", ".prototxt") },
		open: graphOf(openCaffe),
	})
	register(reader{
		name: "tensorflow", is: func(path string, _ []byte) bool { return named(path, ".pb") },
		open: openTensorFlow,
	})
	register(reader{
		name: "tfjs", is: isTFJS, open: openTFJS,
	})
	register(reader{
		name: "torch7", is: func(path string, head []byte) bool {
			return named(path, ".t7", ".net") || isTorch7(head)
		},
		open: openTorch7, rank: 3,
	})
	register(reader{
		name: "theano", is: func(path string, head []byte) bool {
			return named(path, ".pkl", ".pickle", ".save") || bytes.Contains(head, []byte("theano"))
		},
		open: openTheano, rank: 3,
	})
}

// isKerasZip says whether an archive has config.json outside of folders, as Keras
// writes it.
func isKerasZip(head []byte) bool {
	return begins(head, "PK\x03\x04") && bytes.Contains(head, []byte("config.json")) && !bytes.Contains(head, []byte("/config.json"))
}

// isTorch7 says whether a file begins as a table or an object of Torch7, binary or
// ascii, and soon names a class of its package nn.
func isTorch7(head []byte) bool {
	for _, start := range []string{"\x03\x00\x00\x00\x01\x00\x00\x00", "\x04\x00\x00\x00\x01\x00\x00\x00", "3\n1\n", "4\n1\n"} {
		if begins(head, start) {
			return bytes.Contains(head[:min(len(head), 256)], []byte("nn."))
		}
	}
	return false
}

// graphOf opens a file that holds a whole model.
func graphOf(open func(path string) (*onnx.Model, error)) func(path string) (*File, error) {
	return func(path string) (*File, error) {
		m, err := open(path)
		if err != nil {
			return nil, err
		}
		return &File{Model: m, Meta: metaOf(m)}, nil
	}
}

func metaOf(m *onnx.Model) map[string]string {
	meta := map[string]string{}
	for _, kv := range m.Meta {
		meta[kv.Key] = kv.Value
	}
	return meta
}

// openCaffe opens the pair of files that a model of Caffe is, given either: their
// names differ in the ending alone. Weights that hold their net need no other.
func openCaffe(path string) (*onnx.Model, error) {
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	net, weights := stem+".prototxt", stem+".caffemodel"
	if named(path, ".prototxt") {
		return caffe.Open(path, weights, caffe.Options{})
	}
	if _, err := os.Stat(net); err != nil {
		net = ""
	}
	return caffe.Open(net, path, caffe.Options{})
}

// openTensorFlow opens a frozen graph; one that cannot be translated is a file of
// weights, whose metadata say why.
func openTensorFlow(path string) (*File, error) {
	m, err := tensorflow.Open(path, tensorflow.Options{})
	if err == nil {
		return &File{Model: m, Meta: metaOf(m)}, nil
	}
	list, weightsErr := tensorflow.Weights(path)
	if weightsErr != nil || len(list) == 0 {
		return nil, err
	}
	f := &File{Meta: map[string]string{"graph": err.Error()}, close: func() error { return nil }}
	at := map[string]tensor.Tensor{}
	for _, n := range list {
		f.Names = append(f.Names, n.Name)
		at[n.Name] = n.Tensor
	}
	f.tensor = func(name string) (tensor.Tensor, error) {
		if t, ok := at[name]; ok {
			return t, nil
		}
		return tensor.Tensor{}, fs.ErrNotExist
	}
	return f, nil
}

// isTFJS says whether path is a model.json or manifest of TensorFlow.js.
func isTFJS(path string, head []byte) bool {
	return named(path, ".json") && (bytes.Contains(head, []byte("weightsManifest")) || bytes.Contains(head, []byte("modelTopology")) || named(path, "manifest.json"))
}

func openTFJS(path string) (*File, error) {
	f, err := tfjs.Open(path)
	if err != nil {
		return nil, err
	}
	if f.IsModel() {
		m, err := f.Model()
		if err != nil {
			_ = f.Close()
			return nil, err
		}
		return &File{Model: m, Meta: metaOf(m), close: f.Close}, nil
	}
	return &File{Names: f.Names(), tensor: f.Tensor, close: f.Close}, nil
}

// openTorch7 opens what Torch7 saved: modules are a model, anything else weights.
func openTorch7(path string) (*File, error) {
	f, err := torch7.Open(path, torch7.Limits{})
	if err != nil {
		return nil, err
	}
	m, err := f.Model(torch7.Options{})
	if err == nil {
		return &File{Model: m, Meta: metaOf(m), close: f.Close}, nil
	}
	if len(f.Names()) == 0 {
		_ = f.Close()
		return nil, err
	}
	return &File{Names: f.Names(), Meta: map[string]string{"graph": err.Error()}, tensor: f.Tensor, close: f.Close}, nil
}

func openTheano(path string) (*File, error) {
	f, err := theano.Open(path, theano.Limits{})
	if err != nil {
		return nil, err
	}
	return &File{Names: f.Names(), Meta: texts(f.Meta), tensor: f.Tensor, close: func() error { return nil }}, nil
}
