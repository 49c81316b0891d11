package caffe

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/ihae/ihae/format/onnx"
)

const head = "input: \"x\"\ninput_shape { dim: 2 dim: 4 dim: 6 dim: 6 }\n"

// one is a net of one layer.
func one(typ, params string) string {
	return head + `layer { name: "l" type: "` + typ + `" bottom: "x" top: "y" ` + params + ` }`
}

// TestMistakesOfNetsAreNamed: what a net can say wrongly, and what the error
// says of it.
func TestMistakesOfNetsAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		"name: \"empty\"": "no layer",
		one("ROIPooling", "roi_pooling_param { pooled_w: 6 }") + `layer { name: "p" type: "Python" bottom: "y" top: "z" }`: `not known: ROIPooling ("l"), Python ("p")`,
		one("ReLU", "relu_param { slope: 1 }"):                                                                     "prototxt: 3:66: slope is not known",
		one("ReLU", "ReLU_param { }"):                                                                              "ReLU_param is not known",
		one("ReLU", "relu_param: 3"):                                                                               "relu_param is an integer, want a message",
		one("ReLU", "relu_param { negative_slope: \"1\" }"):                                                        "negative_slope is a string, want a number",
		one("Convolution", "convolution_param { num_output: 4 }"):                                                  "0 of kernel_size for 2 spatial axes",
		one("Convolution", "convolution_param { num_output: 4 kernel_size: 0 }"):                                   "kernel_size is [0 0]",
		one("Convolution", "convolution_param { num_output: 4 kernel_size: 3 stride: 0 }"):                         "stride is [0 0]",
		one("Convolution", "convolution_param { num_output: 4 kernel_size: 3 pad: -1 }"):                           "pad is [-1 -1]",
		one("Convolution", "convolution_param { num_output: 4 kernel_size: 3 group: 3 }"):                          "4 channels into 4 in 3 groups",
		one("Convolution", "convolution_param { num_output: 4 kernel_size: 9999999999 }"):                          "want an integer in 32 bits",
		one("Convolution", "convolution_param { num_output: 4 kernel_size: 1 kernel_size: 1 kernel_size: 1}"):      "3 of kernel_size for 2 spatial axes",
		one("Convolution", "convolution_param { num_output: 4 kernel_size: 3 kernel_h: 3 kernel_w: 3 }"):           "without kernel_size",
		one("Convolution", "convolution_param { num_output: 4 kernel_size: 3 bias_term: maybe }"):                  "want true or false",
		one("Convolution", "convolution_param { num_output: 4 kernel_size: 3 }"):                                   "has 0 blobs of weights",
		one("Pooling", "pooling_param { pool: STOCHASTIC kernel_size: 2 }"):                                        "stochastic pooling",
		one("Pooling", "pooling_param { pool: MIN kernel_size: 2 }"):                                               "pool is none of",
		one("Pooling", "pooling_param { kernel_size: 2 pad: 2 }"):                                                  "with padding [2 2]",
		one("Pooling", "pooling_param { kernel_size: 20 }"):                                                        "do not fit into [? 4 6 6]",
		one("Slice", "slice_param { slice_point: 3 slice_point: 2 } top: \"b\" top: \"c\""):                        "cut at [3 2] of size 4",
		one("Slice", "top: \"b\" top: \"c\""):                                                                      "size 4 in 3 parts",
		one("Softmax", "softmax_param { axis: 4 }"):                                                                "axis 4 of a blob with 4 axes",
		one("Reshape", "reshape_param { shape { dim: 0 dim: 5 dim: -1 } }"):                                        "cannot become",
		one("Reshape", "reshape_param { shape { dim: -1 dim: -1 } }"):                                              "new sizes [-1 -1]",
		one("Permute", "permute_param { order: 1 order: 1 order: 1 order: 1 order: 1 }"):                           "order [1 1 1 1 1]",
		one("LRN", "lrn_param { local_size: 4 }"):                                                                  "want an odd number",
		one("Log", "log_param { base: 0 }"):                                                                        "base 0",
		one("ArgMax", "argmax_param { axis: 1 top_k: 5 }"):                                                         "the 5 largest of 4",
		one("Dropout", "top: \"y2\""):                                                                              "2 tops, 1 expected",
		one("Dropout", "bottom: \"x\""):                                                                            "2 bottoms, want 1",
		one("Eltwise", "bottom: \"z\""):                                                                            `takes blob "z", which nothing writes`,
		one("Dropout", "blobs { }"):                                                                                "weights in text",
		one("Dropout", "include { phase: TEST } exclude { phase: TRAIN }"):                                         "not both",
		head + "layers { layer { type: \"conv\" } }":                                                               "version 0 are not read",
		one("Dropout", "") + "layers { type: DROPOUT bottom: \"x\" top: \"z\" }":                                   "version 1 in a net of version 2",
		"input: \"x\" input_dim: 1 input_dim: 2\n" + one("Dropout", ""):                                            "input \"x\" stands twice",
		"input: \"x\" input_dim: 1 input_dim: 2 layer { }":                                                         "1 inputs with 0 shapes and 2 sizes",
		strings.Replace(one("Dropout", ""), "dim: 2", "dim: -2", 1):                                                "a size of -2",
		strings.Replace(one("Dropout", ""), "dim: 4", "dim: 0", 1):                                                 "has shape [2 0 6 6]",
		strings.Replace(one("Dropout", ""), "dim: 4 dim: 6", "dim: 2000000000 dim: 2000000000 dim: 2000000000", 1): "has shape",
		strings.Replace(one("Dropout", ""), "type: \"Dropout\"", "", 1):                                            "has no type",
		one("Silence", ""): "the net has no output",
		`layer { name: "d" type: "Data" top: "data" top: "label" } layer { name: "r" type: "ReLU" bottom: "data" top: "r" }`: "give its sizes in Options.Inputs",
	} {
		_, err := Convert([]byte(text), nil, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nerror = %v, want %s", text, err, want)
		}
	}
}

// ops lists the operators of a model.
func ops(m *onnx.Model) string {
	var list []string
	for _, n := range m.Graph.Nodes {
		list = append(list, n.Op+"="+strings.Join(n.Out, "+"))
	}
	return strings.Join(list, " ")
}

// TestNamesOfBlobsAreKept: the last value of a blob has its name, values before
// have their layer's, and an input keeps its own.
func TestNamesOfBlobsAreKept(t *testing.T) {
	text := head + `
layer { name: "a" type: "AbsVal" bottom: "x" top: "x" }
layer { name: "b" type: "TanH" bottom: "x" top: "y" }
layer { name: "b" type: "ReLU" bottom: "y" top: "y" }
layer { name: "c" type: "ELU" bottom: "y" top: "y" }
layer { name: "d" type: "Sigmoid" bottom: "y" top: "z" }`
	m, err := Convert([]byte(text), nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := ops(m), "Abs=x@a Tanh=y@b Relu=y@b_1 Elu=y Sigmoid=z"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	m, err = Convert([]byte(text+`layer { type: "Python" bottom: "z" top: "w" }`), nil, Options{Outputs: []string{"y"}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := ops(m)+" "+m.Graph.Outputs[0].Name, "Abs=x@a Tanh=y@b Relu=y@b_1 Elu=y y"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if _, err = Convert([]byte(text), nil, Options{Outputs: []string{"w"}}); err == nil {
		t.Error("an output that nothing writes is accepted")
	}
}

// TestOpenSizes: sizes that stay open have names, and those that follow from
// them are open, too.
func TestOpenSizes(t *testing.T) {
	text := one("Pooling", "pooling_param { pool: AVE kernel_size: 3 stride: 2 pad: 1 }") +
		`layer { name: "f" type: "Flatten" bottom: "y" top: "f" }`
	m, err := Convert([]byte(text), nil, Options{Inputs: map[string][]int{"x": {-1, 4, -1, -1}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Graph.Inputs[0].Type.String(); got != "float32[N 4 H W]" {
		t.Error(got)
	}
	if got := m.Graph.Outputs[0].Type.String(); got != "float32[N ?]" {
		t.Error(got)
	}
	_, err = Convert([]byte(text+`layer { type: "InnerProduct" bottom: "f" top: "i" inner_product_param { num_output: 2 } }`), nil,
		Options{Inputs: map[string][]int{"x": {-1, 4, -1, -1}}})
	if err == nil || !strings.Contains(err.Error(), "must be known here: give them in Options.Inputs") {
		t.Error(err)
	}
}

// TestInputsOfLayers: inputs that layers declare, those that read data included,
// and what is known of pictures.
func TestInputsOfLayers(t *testing.T) {
	relu := ` layer { name: "r" type: "ReLU" bottom: "data" top: "r" }`
	for text, want := range map[string]string{
		`layer { name: "i" type: "Input" top: "data" input_param: { shape: { dim: 1 dim: 3 dim: 8 dim: 9 } } }`:                              "float32[N 3 8 9]",
		`layer { name: "i" type: "MemoryData" top: "data" top: "label" memory_data_param { batch_size: 4 channels: 3 height: 8 width: 9 } }`: "float32[N 3 8 9]",
		`layers { name: "i" type: MEMORY_DATA top: "data" memory_data_param { batch_size: 4 channels: 3 height: 8 width: 9 } }`:              "float32[N 3 8 9]",
	} {
		r := relu
		if strings.HasPrefix(text, "layers") {
			r = strings.Replace(strings.Replace(relu, "layer", "layers", 1), `"ReLU"`, "RELU", 1)
		}
		m, err := Convert([]byte(text+r), nil, Options{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := m.Graph.Inputs[0].Type.String(); got != want || len(m.Graph.Inputs) != 1 {
			t.Errorf("%s: %d inputs, the first %s, want %s", text, len(m.Graph.Inputs), got, want)
		}
	}
	text := `layer { name: "d" type: "Data" top: "data" top: "label" data_param { source: "lmdb" }
		transform_param { scale: 0.017 mean_value: 104 mean_value: 117 mean_value: 123 crop_size: 8 mirror: true } }` + relu +
		` layer { name: "loss" type: "SoftmaxWithLoss" bottom: "r" bottom: "label" top: "loss" }`
	m, err := Convert([]byte(text), nil, Options{Inputs: map[string][]int{"data": {-1, 3, 8, 8}}})
	if err != nil {
		t.Fatal(err)
	}
	got := m.Graph.Inputs[0].Type.String() + " " + m.MetaValue("ihae.input.mean") + " " + m.MetaValue("ihae.input.scale") + " " + ops(m)
	if got != "float32[N 3 8 8] 104,117,123 0.017 Relu=r" {
		t.Error(got)
	}
}

// TestWeightsMustFit: the shapes of weights are those that the net asks for, up
// to axes of size 1.
func TestWeightsMustFit(t *testing.T) {
	c := goldenCases(t)["inner"]
	for from, to := range map[string]string{"num_output: 5": "num_output: 4", "dim: 9": "dim: 8"} {
		_, err := Convert([]byte(strings.Replace(string(c.net), from, to, 1)), c.weights, Options{})
		if err == nil || !strings.Contains(err.Error(), "have shape [1 1 5 252], the net asks for") {
			t.Errorf("%s: %v", to, err)
		}
	}
}

// TestNetWithinWeights: the .caffemodel has the net as it was trained; without
// its data and losses it is the net of the .prototxt without its last layer.
func TestNetWithinWeights(t *testing.T) {
	for name, data := range map[string]string{"det1": "data12face", "det3": "data48"} {
		m := openReal(t, name, Options{})
		want := strings.TrimSuffix(ops(m), " Softmax=prob1")
		want = strings.Replace(want, " Dropout=conv5@drop5", "", 1) // came later
		alone, err := Open("", mtcnn+name+".caffemodel", Options{Inputs: map[string][]int{data: portDims(m.Graph.Inputs[0])}})
		if err != nil {
			t.Fatal(name, err)
		}
		if got := ops(alone); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		_, err = Open("", mtcnn+name+".caffemodel", Options{})
		if err == nil || !strings.Contains(err.Error(), "give its sizes in Options.Inputs") {
			t.Errorf("%s without sizes: %v", name, err)
		}
	}
}

func portDims(p *onnx.Port) []int {
	var dims []int
	for _, d := range p.Type.Dims {
		dims = append(dims, int(d.Size))
	}
	return dims
}

// TestTruncated cuts a real file at many places, and small ones at each byte: an
// error that says where, or a net whose weights are missing.
func TestTruncated(t *testing.T) {
	c := goldenCases(t)["inner"]
	for n := range c.net {
		_, err := Convert(c.net[:n], c.weights, Options{})
		if n == 0 || len(strings.TrimSpace(string(c.net[n:]))) == 0 {
			continue // the net within the weights, and the whole net
		}
		if err == nil {
			t.Fatalf("%d of %d bytes of text are accepted", n, len(c.net))
		}
	}
	for n := range c.weights {
		if _, err := Convert(c.net, c.weights[:n], Options{}); err == nil {
			t.Fatalf("%d of %d bytes are accepted", n, len(c.weights))
		}
	}
	file := readReal(t, "det1.caffemodel")
	for n := 0; n < len(file); n += max(1, len(file)/2000) {
		_, err := parseWire(file[:n], Limits{}.withDefaults())
		var format *FormatError
		if err != nil && !errors.As(err, &format) || errors.As(err, &format) && format.Offset > int64(n) {
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
}

// TestLyingSizesTakeNoMemory: shapes and counts that the file does not hold.
func TestLyingSizesTakeNoMemory(t *testing.T) {
	shape := func(dims ...uint64) []byte {
		var p []byte
		for _, d := range dims {
			p = protowire.AppendVarint(p, d)
		}
		return put(nil, 7, put(nil, 1, p))
	}
	for want, b := range map[string][]byte{
		"a blob of shape [4294967296 4294967296]":                           shape(1<<32, 1<<32),
		"a blob of shape [2147483647 2147483647 2147483647] has 0 elements": shape(1<<31-1, 1<<31-1, 1<<31-1),
		"a blob of shape [-1]":                                              shape(1<<64 - 1),
		"a blob of shape [2] has 1 elements":                                put(shape(2), 5, make([]byte, 4)),
		"field 5 holds numbers that are cut off":                            put(shape(2), 5, make([]byte, 7)),
		"field 8 holds numbers that are cut off":                            put(shape(2), 8, make([]byte, 12)),
		"field 5 is cut off":                                                append(shape(2), 5<<3|2, 0xff, 0xff, 0xff, 0xff, 0x0f),
	} {
		file := put(nil, 100, put(put(nil, 1, []byte("l")), 7, b))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Convert([]byte(one("PReLU", "")), file, Options{})
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "caffemodel: byte ") {
			t.Errorf("error = %v, want %s", err, want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: %d bytes", want, n)
		}
	}
}

func put(b []byte, num protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), v)
}
