package keras

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// eval computes a model of one input and one output.
func eval(t *testing.T, config string, weights map[string]tensor.Tensor, x tensor.Tensor) tensor.Tensor {
	t.Helper()
	w := &Weights{}
	for name, v := range weights {
		w.Add(name, func() (tensor.Tensor, error) { return v, nil })
	}
	m, err := Convert([]byte(config), w.Find)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Unused(); err != nil {
		t.Fatal(err)
	}
	s, err := lower.NewSession(m, lower.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Run(t.Context(), map[string]tensor.Tensor{m.Graph.Inputs[0].Name: x})
	if err != nil {
		t.Fatal(err)
	}
	return out[m.Graph.Outputs[0].Name]
}

// one is a Functional model of an input in [null, 2] and a layer of that class,
// used so.
func one(class, module, config, uses string) string {
	return fmt.Sprintf(`{"class_name":"Functional","config":{"name":"m","layers":[
		{"class_name":"InputLayer","name":"in","config":{"batch_input_shape":[null,2]},"inbound_nodes":[]},
		{"class_name":%q,%s"name":"a","config":{%s},"inbound_nodes":%s}],
		"input_layers":[["in",0,0]],"output_layers":[["a",0,0]]}}`, class, module, config, uses)
}

const tensor3 = `{"class_name":"__keras_tensor__","config":{"shape":[null,2],"dtype":"float32","keras_history":["in",0,0]}}`

// TestArgumentsOfUses: a number may stand on either side, which matters to a
// difference; what is given by name counts once, though each tensor repeats it.
func TestArgumentsOfUses(t *testing.T) {
	const old, module = `"function":"math.subtract"`, `"module":"keras.src.ops.numpy",`
	for name, c := range map[string]struct {
		config string
		want   []float32
	}{
		"x - 3 of Keras 2":   {one("TFOpLambda", "", old, `[["in",0,0,{"y":3.0,"name":null}]]`), []float32{-2, 2}},
		"3 - x of Keras 2":   {one("TFOpLambda", "", old, `[["_CONSTANT_VALUE",-1,3.0,{"y":["in",0,0],"name":null}]]`), []float32{2, -2}},
		"0.5 - x of Keras 2": {one("TFOpLambda", "", old, `[["_CONSTANT_VALUE",-1,0.5,{"y":["in",0,0]}]]`), []float32{-0.5, -4.5}},
		"x - 3 of Keras 3":   {one("Subtract", module, "", `[{"args":[`+tensor3+`,3.0],"kwargs":{}}]`), []float32{-2, 2}},
		"3 - x of Keras 3":   {one("Subtract", module, "", `[{"args":[3.0,`+tensor3+`],"kwargs":{}}]`), []float32{2, -2}},
		"given by name":      {one("Add", "", "", `[[["in",0,0,{"z":["in",0,0]}],["in",0,0,{"z":["in",0,0]}]]]`), []float32{3, 15}},
	} {
		got := eval(t, c.config, nil, tensor.From(tensor.Dims(1, 2), []float32{1, 5}))
		if !slices.Equal(got.Floats(), c.want) {
			t.Errorf("%s: %v, want %v", name, got.Floats(), c.want)
		}
	}
}

// TestArgumentsThatAreNotRead: lists of constants, tensors inside lists, and a layer
// that acts as in training even afterwards.
func TestArgumentsThatAreNotRead(t *testing.T) {
	const module = `"module":"keras.src.ops.numpy",`
	const rnn = `"units":2`
	for name, c := range map[string]struct{ config, want string }{
		"a list of Keras 3": {one("Add", module, "", `[{"args":[`+tensor3+`,[1.0,2.0]],"kwargs":{}}]`), "1 tensors and the arguments"},
		"a list of Keras 2": {one("TFOpLambda", "", `"function":"math.add"`, `[["in",0,0,{"y":[1.0,2.0]}]]`), "1 tensors and the arguments"},
		"a mixed list":      {one("Add", module, "", `[{"args":[[`+tensor3+`,1.0]],"kwargs":{}}]`), "tensors and 1 in one list"},
		"an old mixed list": {one("Dropout", "", "", `[[["in",0,0,{"noise":[["in",0,0],null]}]]]`), "argument noise"},
		"states in a list":  {one("SimpleRNN", "", rnn, `[[["in",0,0,{"initial_state":[["in",0,0],["in",0,0]]}]]]`), "2 states"},
		"training":          {one("BatchNormalization", "", "", `[[["in",0,0,{"training":true}]]]`), `layer "a" (BatchNormalization): it always acts as in training`},
		"training, Keras 3": {one("Dropout", `"module":"keras.layers",`, "", `[{"args":[`+tensor3+`],"kwargs":{"training":true}}]`), "it always acts as in training"},
		"a mask in a list":  {one("Softmax", "", "", `[[["in",0,0,{"mask":[["in",0,0]]}]]]`), "masks are not read"},
	} {
		_, err := Convert([]byte(c.config), zeros(1))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
}

// TestDotOfLongVectors: the cosine does not depend on the lengths.
func TestDotOfLongVectors(t *testing.T) {
	config := one("Dot", "", `"axes":1,"normalize":true`, `[[["in",0,0],["in",0,0]]]`)
	got := eval(t, config, nil, tensor.From(tensor.Dims(1, 2), []float32{3e17, 4e17}))
	if v := got.Floats()[0]; !(v > 0.9999 && v < 1.0001) {
		t.Errorf("%v, want 1", v)
	}
}
