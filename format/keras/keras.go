// Package keras turns models saved by Keras into ONNX models: `.h5` and `.hdf5`
// files of Keras 2, tf.keras and Keras 3, `.keras` archives, and the JSON of a
// model together with weights from elsewhere, as TensorFlow.js has them.
//
// A model is the JSON of a Sequential or Functional model, nested ones too. What
// a layer computes is registered by the name of its class, one family a file.
// Values have the names of the layers that give them ("block1_conv1", in a nested
// model "encoder/dense"), parameters those of the layer and its variable
// ("block1_conv1/kernel"). Axes stay as they were in Keras: channels last, where
// the model says nothing else, with transpositions around the operators of ONNX
// that want them first. Layers that only act in training become identities.
//
// Nothing in a file is executed: Lambda layers and classes of the user's own are
// refused by name, all of them in one error.
package keras

import (
	"bytes"
	"fmt"
	"os"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// Opset is the version of ONNX's operators that models are written in.
const Opset = 17

// Open reads a model from an HDF5 file or a `.keras` archive. Every variable of
// the model must be there, and every one that is there must belong to a layer.
func Open(path string) (*onnx.Model, error) {
	head, err := beginning(path)
	if err != nil {
		return nil, err
	}
	var m *onnx.Model
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		m, err = openArchive(path)
	default:
		m, err = openHDF5(path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// beginning is the first bytes of a file.
func beginning(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	b := make([]byte, 4)
	n, _ := f.Read(b)
	return b[:n], nil
}

// Convert builds a model from its JSON, which is an object with class_name and
// config, or has it under model_config; keras_version in it, if there, decides
// where versions differ. Weights finds a variable of a layer, for example
// "kernel" of "encoder/dense_1", or fails; [Weights.Find] does.
func Convert(config []byte, weights func(layer, name string) (tensor.Tensor, error)) (*onnx.Model, error) {
	root, err := parseJSON(config)
	if err != nil {
		return nil, err
	}
	version, _ := root["keras_version"].(string)
	if inner, ok := root["model_config"].(map[string]any); ok {
		root = inner
	}
	if _, new := root["module"]; new && version == "" {
		version = "3" // which leaves its version out
	}
	return convert(root, version, byName(weights))
}

// store is where variables come from.
type store interface {
	// variable finds a variable of the layer at the end of the path: by its name,
	// or by its place among the variables of the layer.
	variable(path []*layer, name string, index int) (tensor.Tensor, error)
}

// byName is a store of variables that are found by the names of layers.
type byName func(layer, name string) (tensor.Tensor, error)

func (f byName) variable(path []*layer, name string, _ int) (tensor.Tensor, error) {
	return f(pathName(path), name)
}

// convert builds the model that the JSON of version describes.
func convert(root map[string]any, version string, weights store) (*onnx.Model, error) {
	m, err := readModel(root)
	if err != nil {
		return nil, err
	}
	if err := m.readable(); err != nil {
		return nil, err
	}
	t := &translation{b: onnx.NewBuilder(m.name), weights: weights, version: version, params: map[string]string{}}
	if err := t.root(m); err != nil {
		return nil, err
	}
	model, err := t.b.Model(Opset)
	if err != nil {
		return nil, fmt.Errorf("keras: %w", err)
	}
	source := "keras"
	if version != "" {
		source += " " + version
	}
	model.SetMeta("ihae.source", source)
	return model, nil
}
