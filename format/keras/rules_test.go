package keras

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/hdf5"
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

// rnn is a layer without an activation whose state is the sum of what it has been
// given and half its last state.
func rnn(name, config string) string {
	return `{"class_name":"SimpleRNN","config":{"name":"` + name + `","units":1,"activation":null,"use_bias":false,"return_sequences":true` + config + `}}`
}

// TestDirections: which of the two layers runs backwards, by whose name its
// variables are found, and the order of what each gives. The second one's sequence
// is turned round, whatever it ran like. Sequences by hand: of 1, 2, 4 the states
// are 1, 2.5, 5.25 forwards and 4, 4, 3 backwards.
func TestDirections(t *testing.T) {
	const newer, older = `,"keras_version":"3.0.0"`, ""
	forwards, backwards := []float32{1, 2.5, 5.25}, []float32{3, 4, 4} // by the places of the input
	for name, c := range map[string]struct {
		version, forward, backward, second string
		first, last                        []float32
	}{
		"one layer":          {older, rnn("r", ""), "", "backward_r", forwards, backwards},
		"one that runs back": {older, rnn("r", `,"go_backwards":true`), "", "backward_r", []float32{4, 4, 3}, []float32{5.25, 2.5, 1}},
		"two of Keras 2":     {older, rnn("r", ""), rnn("s", `,"go_backwards":true`), "backward_s", forwards, backwards},
		"two of Keras 3":     {newer, rnn("r", ""), rnn("s", `,"go_backwards":true`), "s", forwards, backwards},
		"one of Keras 3":     {newer, rnn("forward_r", ""), rnn("backward_r", `,"go_backwards":true`), "backward_r", forwards, backwards},
	} {
		config := `,"merge_mode":"concat","layer":` + c.forward
		if c.backward != "" {
			config += `,"backward_layer":` + c.backward
		}
		weights := map[string]tensor.Tensor{}
		for _, layer := range []string{"forward_r", c.second} {
			weights["bidirectional/"+layer+"/simple_rnn_cell/kernel"] = tensor.From(tensor.Dims(1, 1), []float32{1})
			weights["bidirectional/"+layer+"/simple_rnn_cell/recurrent_kernel"] = tensor.From(tensor.Dims(1, 1), []float32{0.5})
		}
		model := strings.TrimSuffix(chain("[null,3,1]", layerJSON("Bidirectional", config)), "}") + c.version + "}"
		got := eval(t, model, weights, tensor.From(tensor.Dims(1, 3, 1), []float32{1, 2, 4})).Floats()
		for i := range 3 {
			if got[2*i] != c.first[i] || got[2*i+1] != c.last[i] {
				t.Errorf("%s: %v, want pairs of %v and %v", name, got, c.first, c.last)
				break
			}
		}
	}
}

// TestDirectionsThatAreNotRead: what the backward layer says counts, too.
func TestDirectionsThatAreNotRead(t *testing.T) {
	for config, want := range map[string]string{
		`,"go_backwards":true,"stateful":true`:           "bidirectional (Bidirectional: SimpleRNN: stateful)",
		`,"go_backwards":true,"recurrent_activation":{}`: `activation ""`,
		`,"go_backwards":true,"return_state":true`:       "return_state is false forwards and true backwards",
		`,"return_sequences":[]`:                         "return_sequences is true forwards and false backwards",
	} {
		model := chain("[null,3,1]", layerJSON("Bidirectional", `,"layer":`+rnn("r", "")+`,"backward_layer":`+rnn("s", config)))
		if _, err := Convert([]byte(model), zeros(1, 1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", config, err, want)
		}
	}
}

// TestLinearUpSampling in the two ways of counting places, by hand.
func TestLinearUpSampling(t *testing.T) {
	centres, corners := []float32{0, 1, 3, 4}, []float32{0, 2, 4, 4}
	for version, want := range map[string][]float32{
		"2.2.4": corners, "2.2.4-tf": centres, "2.3.1": centres, "2.15.0": centres, "3.1.0": centres, "tfjs-layers 4.22.0": corners,
	} {
		model := chain("[null,1,2,1]", layerJSON("UpSampling2D", `,"size":[1,2],"interpolation":"bilinear"`))
		model = strings.TrimSuffix(model, "}") + `,"keras_version":"` + version + `"}`
		if got := eval(t, model, nil, tensor.From(tensor.Dims(1, 1, 2, 1), []float32{0, 4})).Floats(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", version, got, want)
		}
	}
}

// TestSequentialOfAModel: the shape of the input may stand only in the model that
// is the first layer, as in files of Keras 2.2.
func TestSequentialOfAModel(t *testing.T) {
	inner := strings.Replace(one("ReLU", "", "", `[[["in",0,0]]]`), `"m"`, `"base"`, 1)
	for name, layers := range map[string]string{
		"a model":            inner,
		"a model in a model": `{"class_name":"Sequential","config":{"name":"outer","layers":[` + inner + `]}}`,
	} {
		model := `{"class_name":"Sequential","config":[` + layers + `,` + layerJSON("ReLU", "") + `]}`
		got := eval(t, model, nil, tensor.From(tensor.Dims(1, 2), []float32{-1, 5})).Floats()
		if !slices.Equal(got, []float32{0, 5}) {
			t.Errorf("%s: %v, want [0 5]", name, got)
		}
	}
}

// TestWholeNumbersBecomeFloats where bytes would round or overflow; by hand.
func TestWholeNumbersBecomeFloats(t *testing.T) {
	x := tensor.From(tensor.Dims(1, 2), []uint8{200, 101})
	of := func(dims tensor.Shape, v ...float32) tensor.Tensor { return tensor.From(dims, v) }
	two, one := tensor.Dims(2), tensor.Dims(1, 1)
	weights := map[string]tensor.Tensor{"dense/kernel": of(tensor.Dims(2, 1), 0.5, 2), "r/kernel": of(one, 1), "r/recurrent_kernel": of(one, 0.5),
		"batchnormalization/gamma": of(two, 1, 1), "batchnormalization/beta": of(two, 0, 0.5),
		"batchnormalization/moving_mean": of(two, 0, 1), "batchnormalization/moving_variance": of(two, 3.999, 3.999)}
	rows, image := layerJSON("Reshape", `,"target_shape":[2,1]`)+",", layerJSON("Reshape", `,"target_shape":[1,2,1]`)+","
	for layers, want := range map[string][]float32{
		layerJSON("Dense", `,"units":1,"use_bias":false`):                             {302},
		layerJSON("RandomContrast", ""):                                               {200, 101},
		layerJSON("BatchNormalization", ""):                                           {100, 50.5},
		layerJSON("LayerNormalization", `,"scale":false,"center":false,"epsilon":0`):  {1, -1},
		layerJSON("ReLU", `,"max_value":1.5`):                                         {1.5, 1.5},
		layerJSON("ThresholdedReLU", `,"theta":100.5`):                                {200, 101},
		layerJSON("Activation", `,"activation":"soft_shrink"`):                        {199.5, 100.5},
		rows + layerJSON("GlobalAveragePooling1D", ""):                                {150.5},
		rows + rnn("r", ""):                                                           {200, 201},
		rows + layerJSON("AveragePooling1D", ""):                                      {150.5},
		image + layerJSON("UpSampling2D", `,"size":[1,2],"interpolation":"bilinear"`): {200, 175.25, 125.75, 101},
	} {
		used := map[string]tensor.Tensor{}
		for name, v := range weights {
			if layer, _, _ := strings.Cut(name, "/"); strings.Contains(layers, `"`+layer+`"`) {
				used[name] = v
			}
		}
		model := strings.Replace(chain("[null,2]", layers), "float32", "uint8", 1)
		got := eval(t, model, used, x)
		if got.DType() != tensor.Float32 || !slices.Equal(got.Floats(), want) {
			t.Errorf("%s: %v %v, want %v", layers, got.Type(), tensor.Widen(got), want)
		}
	}
}

// TestDotOfBytes: 200² + 101² does not fit a byte.
func TestDotOfBytes(t *testing.T) {
	model := strings.Replace(one("Dot", "", `"axes":1`, `[[["in",0,0],["in",0,0]]]`), `[null,2]}`, `[null,2],"dtype":"uint8"}`, 1)
	got := eval(t, model, nil, tensor.From(tensor.Dims(1, 2), []uint8{200, 101}))
	if got.DType() != tensor.Float32 || got.Floats()[0] != 50201 {
		t.Errorf("%v, want 50201", tensor.Widen(got))
	}
}

// TestVariablesOfTheModelItself in an archive belong to no layer. The group of a
// Dense layer stands in for a model that has two.
func TestVariablesOfTheModelItself(t *testing.T) {
	whole := unpack(t, "model3.keras")
	z, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := member(z, "model.weights.h5", 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	f, err := hdf5.Parse(b, hdf5.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	root, err := f.Root()
	if err != nil {
		t.Fatal(err)
	}
	g, err := root.Group("layers/dense")
	if err != nil {
		t.Fatal(err)
	}
	err = (&archive{root: g, used: map[string]bool{"vars/0": true}}).left()
	if err == nil || !strings.Contains(err.Error(), "belong to no layer: vars/1") {
		t.Error(err)
	}
}
