package keras

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ihae/ihae/tensor"
)

// layerJSON is a layer of a Sequential model.
func layerJSON(class, config string) string {
	return fmt.Sprintf(`{"class_name":%q,"config":{"name":%q%s}}`, class, strings.ToLower(class), config)
}

// chain is a Sequential model of an input and some layers.
func chain(shape string, layers ...string) string {
	in := `{"class_name":"InputLayer","config":{"name":"in","dtype":"float32","batch_input_shape":` + shape + `}}`
	return `{"class_name":"Sequential","config":{"name":"m","layers":[` + strings.Join(append([]string{in}, layers...), ",") + `]}}`
}

// zeros gives every layer a variable of that shape.
func zeros(dims ...int) func(layer, name string) (tensor.Tensor, error) {
	return func(string, string) (tensor.Tensor, error) { return tensor.New(tensor.F32(dims...)), nil }
}

// TestAllThatIsNotReadIsNamedAtOnce: classes, functions and settings, inside
// nested models and wrappers too.
func TestAllThatIsNotReadIsNamedAtOnce(t *testing.T) {
	inner := strings.Replace(chain("[null,4]", layerJSON("Lambda", "")), `"m"`, `"inner"`, 1)
	config := chain("[null,4]", inner, layerJSON("Masking", ""), layerJSON("ConvLSTM2D", ""),
		layerJSON("Dense", `,"units":3,"activation":"mine"`), layerJSON("Embedding", `,"mask_zero":true`), layerJSON("GRU", `,"stateful":true`),
		layerJSON("LSTM", `,"activation":"softmax"`), layerJSON("TimeDistributed", `,"layer":`+layerJSON("MyLayer", "")),
		layerJSON("Bidirectional", `,"layer":`+layerJSON("Dense", "")), layerJSON("TFOpLambda", `,"function":"nn.conv2d"`),
		`{"class_name":"Dropout","module":"my.layers","config":{"name":"own"}}`, layerJSON("Dropout", ""),
		`{"class_name":"LayerNormalization","module":null,"registered_name":"LayerNormalization","config":{"name":"theirs"}}`)
	_, err := Convert([]byte(config), zeros(1))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"12 layers cannot be read", "inner/lambda (Lambda: its code is not executed)", "masking (Masking: masks are not read)",
		"convlstm2d (ConvLSTM2D)", `dense (Dense: activation "mine")`, "embedding (Embedding: mask_zero", "gru (GRU: stateful)",
		`lstm (LSTM: activation "softmax" inside a recurrent layer)`, "timedistributed/mylayer (MyLayer)",
		"bidirectional (Bidirectional: around Dense)", "tfoplambda (TFOpLambda: function nn.conv2d)", "own (my.layers.Dropout)",
		"theirs (the user's own LayerNormalization)",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}

// TestConfigsThatLie are refused with the layer's name and the reason.
func TestConfigsThatLie(t *testing.T) {
	for name, c := range map[string]struct{ config, want string }{
		"no JSON":            {`{"class_name":`, "byte 14 of the model's JSON"},
		"another class":      {`{"class_name":"Dense","config":{}}`, `class "Dense"`},
		"deep":               {strings.Repeat("[", 200), "more than 128 levels"},
		"large":              {strings.Repeat(" ", maxJSON+1), "at most"},
		"no layers":          {`{"class_name":"Sequential","config":{"layers":[]}}`, "has no layers"},
		"no shape":           {`{"class_name":"Sequential","config":{"layers":[` + layerJSON("Flatten", "") + `]}}`, "no shape"},
		"nine axes":          {chain("[1,1,1,1,1,1,1,1,1]"), "no shape of 1 to 8"},
		"twice":              {chain("[null,4]", layerJSON("ReLU", ""), layerJSON("ReLU", "")), `two layers "relu"`},
		"no name":            {chain("[null,4]", `{"class_name":"ReLU","config":{}}`), `class "ReLU", name ""`},
		"units":              {chain("[null,4]", layerJSON("Dense", "")), `layer "dense" (Dense): units is 0`},
		"negative":           {chain("[null,4]", layerJSON("Dense", `,"units":-3`)), "units is -3"},
		"fraction":           {chain("[null,4]", layerJSON("Dense", `,"units":1.5`)), "units is 1.5"},
		"another shape":      {chain("[null,4]", layerJSON("Dense", `,"units":3`)), "kernel has the shape [4 4], wanted [4 3]"},
		"stride 0":           {chain("[null,9,9,3]", layerJSON("Conv2D", `,"filters":1,"kernel_size":3,"strides":0`)), "strides is 0"},
		"groups 0":           {chain("[null,9,9,3]", layerJSON("Conv2D", `,"filters":1,"kernel_size":3,"groups":0`)), "in 0 groups"},
		"axes":               {chain("[null,9,9]", layerJSON("Conv2D", `,"filters":1,"kernel_size":3`)), "the input has 3 axes, wanted 4"},
		"window":             {chain("[null,2,2,4]", layerJSON("MaxPooling2D", `,"pool_size":3`)), "a window of 3 over 2 places"},
		"padding":            {chain("[null,2,2,4]", layerJSON("MaxPooling2D", `,"padding":"other"`)), "padding is other"},
		"axis":               {chain("[null,4]", layerJSON("Softmax", `,"axis":7`)), "axis 7"},
		"a huge constant":    {chain("[null,1099511627776]", layerJSON("LayerNormalization", `,"scale":false`)), "which the file does not have"},
		"a huge statistic":   {chain("[null,1099511627776]", layerJSON("BatchNormalization", `,"scale":false`)), "moving_mean has the shape"},
		"a huge axis":        {chain("[null,1099511627776]", layerJSON("Activation", `,"activation":"sparsemax"`)), "sparsemax of an axis"},
		"an overflow":        {chain("[null,1099511627776,1099511627776]", layerJSON("Flatten", "")), "elements"},
		"reshape":            {chain("[null,4]", layerJSON("Reshape", `,"target_shape":[3]`)), "[4] cannot become [3]"},
		"two open sizes":     {chain("[null,4]", layerJSON("Reshape", `,"target_shape":[-1,-1]`)), "target_shape is [-1 -1]"},
		"permute":            {chain("[null,4,4]", layerJSON("Permute", `,"dims":[1,1]`)), "dims is [1 1]"},
		"cropping":           {chain("[null,4,4]", layerJSON("Cropping1D", `,"cropping":[2,2]`)), "leaves nothing"},
		"one to add":         {chain("[null,4,4]", layerJSON("Add", "")), "it is given 1 tensors"},
		"a broken uses":      {`{"class_name":"Model","config":{"layers":[{"class_name":"ReLU","name":"r","inbound_nodes":[[["r"]]]}]}}`, "an inbound node [r]"},
		"a circle":           {functional(`[[["b",0,0]]]`, `[[["a",0,0]]]`), "in a circle"},
		"nothing there":      {functional(`[[["x",0,0]]]`, `[[["a",0,0]]]`), `layer "x", which is not there`},
		"a use not there":    {functional(`[[["in",0,0]]]`, `[[["a",7,0]]]`), `use 7 of layer "a"`},
		"a result not there": {functional(`[[["in",0,0]]]`, `[[["a",0,7]]]`), `result 7 of layer "a"`},
	} {
		if _, err := Convert([]byte(c.config), zeros(4, 4)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %.300v; want %q", name, err, c.want)
		}
	}
}

// TestTransposedConvolutionsDoNotOverflow in the size of what they give.
func TestTransposedConvolutionsDoNotOverflow(t *testing.T) {
	config := chain("[null,1099511627776,3]", layerJSON("Conv1DTranspose", `,"filters":1,"kernel_size":3,"strides":2147483647,"use_bias":false`))
	if _, err := Convert([]byte(config), zeros(3, 1, 3)); err == nil || !strings.Contains(err.Error(), "elements") {
		t.Error(err)
	}
}

// functional is a model of two layers with these uses.
func functional(a, b string) string {
	return `{"class_name":"Model","config":{"name":"m","layers":[
		{"class_name":"InputLayer","name":"in","config":{"batch_input_shape":[null,3]},"inbound_nodes":[]},
		{"class_name":"ReLU","name":"a","config":{},"inbound_nodes":` + a + `},
		{"class_name":"ReLU","name":"b","config":{},"inbound_nodes":` + b + `}],
		"input_layers":[["in",0,0]],"output_layers":[["b",0,0]]}}`
}

// TestModelsInModelsDoNotExplode: each of 24 models uses the next one twice.
func TestModelsInModelsDoNotExplode(t *testing.T) {
	inner := layerJSON("ReLU", "")
	for i := range 24 {
		name := fmt.Sprintf("m%d", i)
		inner = fmt.Sprintf(`{"class_name":"Model","name":%q,"config":{"name":%q,"layers":[
			{"class_name":"InputLayer","name":"in","config":{"batch_input_shape":[null,3]},"inbound_nodes":[]},
			%s],"input_layers":[["in",0,0]],"output_layers":[["%s",1,0]]},"inbound_nodes":[[["in",0,0]],[["%s",0,0]]]}`,
			name, name, strings.TrimSuffix(inner, "}")+uses(inner), last(inner), name)
	}
	_, err := Convert([]byte(inner), zeros(1))
	if err == nil || !strings.Contains(err.Error(), "uses of layers") {
		t.Errorf("%.300v", err)
	}
}

// repeated is a model of an input and a layer that is used n times.
func repeated(layer string, n int) string {
	uses := strings.TrimSuffix(strings.Repeat(`[["in",0,0]],`, n), ",")
	return `{"class_name":"Model","config":{"name":"m","layers":[
		{"class_name":"InputLayer","name":"in","config":{"batch_input_shape":[null,3]},"inbound_nodes":[]},
		` + strings.TrimSuffix(layer, "}") + `,"inbound_nodes":[` + uses + `]}],
		"input_layers":[["in",0,0]],"output_layers":[["` + last(layer) + `",0,0]]}}`
}

// TestUsesDoNotMultiply: what a layer takes when it is used many times has a
// limit, and so has what is made of nothing.
func TestUsesDoNotMultiply(t *testing.T) {
	named := func(name string) string { return `{"class_name":"ReLU","name":"` + name + `","config":{}}` }
	many := numbered(1000, named("l%d"))
	inner := `{"class_name":"Model","name":"inner","config":{"name":"inner","layers":[
		{"class_name":"InputLayer","name":"in","config":{"batch_input_shape":[null,3]},"inbound_nodes":[]},` + strings.Join(many, ",") + `],
		"input_layers":[["in",0,0]],"output_layers":[["in",0,0]]}}`
	long := strings.Repeat("n", 1<<16)
	norm := func(name string) string {
		return `{"class_name":"LayerNormalization","config":{"name":"` + name + `","scale":false,"center":false}}`
	}
	refused := `{"class_name":"Sequential","config":{"name":"` + long + `","layers":[` + strings.ReplaceAll(strings.Join(many, ","), "ReLU", "Mine") + `]}}`
	for name, c := range map[string]struct{ config, want string }{
		"a long name":      {strings.ReplaceAll(repeated(named("relu"), 300), `"relu"`, `"`+long+`"`), "take more than"},
		"a large config":   {repeated(`{"class_name":"ReLU","name":"relu","config":{"x":[`+strings.Repeat("0,", 1<<16)+`0]}}`, 300), "take more than"},
		"unused layers":    {repeated(inner, 5000), "take more than"},
		"constants":        {chain("[null,4194304]", norm("a"), norm("b"), norm("c")), "which the file does not have"},
		"more constants":   {chain("[null,4194304]", numbered(5, `{"class_name":"Activation","config":{"name":"%d","activation":"sparsemax"}}`)...), "sparsemax of an axis"},
		"a long complaint": {chain("[null,3]", refused), "and 999 more"},
	} {
		if _, err := Convert([]byte(c.config), zeros(1)); err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 1<<18 {
			t.Errorf("%s: %.300v; want %q", name, err, c.want)
		}
	}
}

// numbered is n layers that differ in a number.
func numbered(n int, layer string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(layer, i)
	}
	return list
}

// TestNamesOfManyPartsTakeNoTime that grows with the square of their number.
func TestNamesOfManyPartsTakeNoTime(t *testing.T) {
	var name strings.Builder
	for i := range 1 << 18 {
		fmt.Fprintf(&name, "p%d/", i%(1<<18-1))
	}
	start := time.Now()
	w := &Weights{}
	w.Add(name.String()+"kernel", func() (tensor.Tensor, error) { return tensor.New(tensor.F32(1)), nil })
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("%v", d)
	}
	if _, err := w.Find("p0", "kernel"); err != nil { // which stands twice
		t.Error(err)
	}
}

// uses completes the first layer, which has none.
func uses(inner string) string {
	if strings.Contains(inner, "inbound_nodes") {
		return "}"
	}
	return `,"name":"relu","inbound_nodes":[[["in",0,0]],[["relu",0,0]]]}`
}

func last(inner string) string {
	var l struct {
		Name string `json:"name"`
	}
	if err := json.Unmarshal([]byte(inner), &l); err != nil || l.Name == "" {
		return "relu"
	}
	return l.Name
}

// TestVariablesMustFit: none may be missing, and none may be left over.
func TestVariablesMustFit(t *testing.T) {
	config := chain("[null,4]", layerJSON("Dense", `,"units":4,"use_bias":false`))
	w := &Weights{}
	if _, err := Convert([]byte(config), w.Find); err == nil || !strings.Contains(err.Error(), `the file has no kernel of layer "dense"`) {
		t.Error(err)
	}
	read := func() (tensor.Tensor, error) { return tensor.New(tensor.F32(4, 4)), nil }
	w.Add("dense/kernel:0", read)
	w.Add("dense/bias:0", read)
	if _, err := Convert([]byte(config), w.Find); err != nil {
		t.Error(err)
	}
	if err := w.Unused(); err == nil || !strings.Contains(err.Error(), "belong to no layer: dense/bias:0") {
		t.Error(err)
	}
	w.Add("other/dense/kernel", read)
	if _, err := Convert([]byte(config), w.Find); err != nil { // the outer one
		t.Error(err)
	}
	w.Add("dense/again/kernel", read)
	if _, err := Convert([]byte(config), w.Find); err == nil || !strings.Contains(err.Error(), "could both be") {
		t.Error(err)
	}
}

// TestEveryTruncationIsAnError of each form of file.
func TestEveryTruncationIsAnError(t *testing.T) {
	dir := t.TempDir()
	for _, form := range []string{"2.h5", "3.h5", "2.keras", "3.keras"} {
		b := unpack(t, "model"+form)
		step := max(len(b)/150, 1)
		for n := 0; n < len(b); n += step {
			name := filepath.Join(dir, "cut")
			if err := os.WriteFile(name, b[:n], 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(name); err == nil || !strings.Contains(err.Error(), name) {
				t.Fatalf("%s: %d of %d bytes: %v", form, n, len(b), err)
			}
		}
	}
}

// TestArchivesThatLie: members that are missing, twice there, too large, or not
// what they say.
func TestArchivesThatLie(t *testing.T) {
	whole := map[string]string{"metadata.json": `{"keras_version":"3.0.0"}`, "config.json": chain("[null,4]"), "model.weights.h5": ""}
	for name, c := range map[string]struct {
		change func(m map[string]string)
		twice  string
		want   string
	}{
		"missing":  {func(m map[string]string) { delete(m, "config.json") }, "", "no config.json"},
		"twice":    {func(map[string]string) {}, "config.json", "two files config.json"},
		"large":    {func(m map[string]string) { m["config.json"] = strings.Repeat(" ", maxJSON+1) }, "", "at most"},
		"bomb":     {func(m map[string]string) { m["model.weights.h5"] = strings.Repeat("\x00", 10<<20) }, "", "at most"},
		"no HDF5":  {func(map[string]string) {}, "", "no HDF5 file"},
		"metadata": {func(m map[string]string) { m["metadata.json"] = "x" }, "", "metadata.json"},
	} {
		parts := map[string]string{}
		for k, v := range whole {
			parts[k] = v
		}
		c.change(parts)
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for k, v := range parts {
			for range 1 + strings.Count(c.twice, k) {
				w, err := z.Create(k)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := w.Write([]byte(v)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "a.keras")
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestNumbersThatJSONDoesNotHave are null.
func TestNumbersThatJSONDoesNotHave(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":NaN,"b":[-Infinity,Infinity,1]}`: `{"a":null,"b":[null,null,1]}`,
		`{"NaN":"Infinity \" NaN"}`:            `{"NaN":"Infinity \" NaN"}`,
	} {
		if got, err := standard([]byte(text)); err != nil || string(got) != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
	}
}

// TestSnake has names of groups that Keras writes.
func TestSnake(t *testing.T) {
	for class, want := range map[string]string{
		"Conv2D": "conv2d", "Conv2DTranspose": "conv2d_transpose", "LSTM": "lstm", "SimpleRNN": "simple_rnn", "PReLU": "p_re_lu",
		"BatchNormalization": "batch_normalization", "UpSampling2D": "up_sampling2d", "InputLayer": "input_layer",
	} {
		if got := snake(class); got != want {
			t.Errorf("%s: %s, want %s", class, got, want)
		}
	}
}

// FuzzConvert builds models from any JSON, with the variables of a real one; what
// is built is sound.
func FuzzConvert(f *testing.F) {
	var all []sample
	for _, version := range []string{"2", "3"} {
		all = append(all, samples(f, version)...)
	}
	for i, s := range all {
		if i%3 == 0 {
			f.Add(uint8(i), []byte(s.Config))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, config []byte) {
		s := all[int(which)%len(all)]
		s.Config = config
		m, err := s.convert()
		if err != nil {
			return
		}
		if err := m.Check(); err != nil {
			t.Fatal(err)
		}
	})
}
