package torch7

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/format/safetensors"
	"github.com/ihae/ihae/tensor"
)

// recorded is the tensors of a file of testdata by name.
func recorded(t *testing.T, name string) map[string]tensor.Tensor {
	t.Helper()
	all, _, err := safetensors.Open("testdata/"+name, safetensors.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]tensor.Tensor{}
	for _, n := range all {
		m[n.Name] = n.Tensor
	}
	return m
}

// run computes values of a model, its outputs when none are named.
func run(t *testing.T, m *onnx.Model, in map[string]tensor.Tensor, values ...string) []tensor.Tensor {
	t.Helper()
	if values == nil {
		for _, o := range m.Graph.Outputs {
			values = append(values, o.Name)
		}
	}
	s, err := lower.NewSession(m, lower.Options{Outputs: values})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := s.Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var list []tensor.Tensor
	for _, name := range values {
		list = append(list, got[name])
	}
	return list
}

// near holds a result to another, with errors relative to the largest number.
func near(t *testing.T, name string, got tensor.Tensor, want []float64, dims []int, tolerance float64) {
	t.Helper()
	if !slices.Equal(got.Shape().Dims(), dims) {
		t.Errorf("%s: shape %v, want %v", name, got.Shape(), dims)
		return
	}
	top, worst := 1.0, 0.0
	for i, v := range want {
		top = max(top, math.Abs(v))
		worst = max(worst, math.Abs(float64(got.Floats()[i])-v))
	}
	if !(worst <= tolerance*top) {
		t.Errorf("%s: error %g of %g", name, worst, top)
	}
}

// options is for networks that do not tell their inputs.
var options = map[string]Options{
	"pools": {Inputs: [][]int{{2, 7, 9}}},
}

// TestNetworks: what models of networks compute is what PyTorch computed.
func TestNetworks(t *testing.T) {
	files, err := filepath.Glob("testdata/*.net")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	values := recorded(t, "nets.safetensors")
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".net")
		t.Run(name, func(t *testing.T) {
			f, err := Open(file, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			m, err := f.Model(options[name])
			if err != nil {
				t.Fatal(err)
			}
			in := map[string]tensor.Tensor{}
			for i, p := range m.Graph.Inputs {
				in[p.Name] = values[fmt.Sprintf("%s.input.%d", name, i)]
			}
			for i, got := range run(t, m, in) {
				want, ok := values[fmt.Sprintf("%s.output.%d", name, i)]
				if !ok {
					t.Fatalf("output %d is too many", i)
				}
				near(t, m.Graph.Outputs[i].Name, got, tensor.Widen(want).F, want.Shape().Dims(), 2e-6)
			}
			if _, more := values[fmt.Sprintf("%s.output.%d", name, len(m.Graph.Outputs))]; more {
				t.Errorf("%d outputs are too few", len(m.Graph.Outputs))
			}
		})
	}
}

// TestNamesAreTheFiles: values and parameters are found by the places of their
// modules.
func TestNamesAreTheFiles(t *testing.T) {
	f, err := Open("testdata/lenet.net", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := f.Model(Options{})
	if err != nil {
		t.Fatal(err)
	}
	var nodes, inits []string
	for _, n := range m.Graph.Nodes {
		nodes = append(nodes, n.Op+" "+n.Out[0])
	}
	for _, i := range m.Graph.Inits {
		inits = append(inits, i.Name)
	}
	if got, want := strings.Join(nodes, ", "), "Conv modules.1, Tanh modules.2, MaxPool modules.3, Conv modules.4, Relu modules.5, AveragePool modules.6, Reshape modules.7, Gemm modules.8, LogSoftmax modules.9"; got != want {
		t.Errorf("nodes %s", got)
	}
	for _, name := range []string{"modules.1.weight", "modules.1.bias", "modules.4.weight", "modules.8.weight"} {
		if !slices.Contains(inits, name) {
			t.Errorf("parameters %q, without %q", inits, name)
		}
	}
	in := m.Graph.Inputs[0].Type.Dims
	if len(in) != 4 || in[0].Name != "N" || in[1].Size != 1 || in[2].Name != "H" || in[3].Name != "W" {
		t.Errorf("input %v", in)
	}
}

// TestNetworkOfTorch: the network that Torch7 saved with the results of its last
// run. From the second module's on, those of the fourth to the last follow; and
// all of it gives what PyTorch makes of its weights for another input.
func TestNetworkOfTorch(t *testing.T) {
	f := openShared(t)
	m, err := f.Model(Options{})
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, 3*30*31)
	for i := range x {
		x[i] = float32(math.Sin(float64(i) * 0.37))
	}
	want := recorded(t, "shared.safetensors")["output"]
	got := run(t, m, map[string]tensor.Tensor{"input": tensor.From(tensor.Dims(1, 3, 30, 31), x)})
	near(t, "output", got[0], tensor.Widen(want).F, want.Shape().Dims(), 2e-6)

	root := f.Root.(*Module)
	rest := &Table{}
	for i, v := range root.Fields.Get("modules").(*Table).List()[2:] {
		rest.set(float64(i+1), v)
	}
	tail := &File{Root: &Module{Class: "nn.Sequential", Fields: &Table{keys: []any{"modules"}, vals: []any{rest}}}, limits: f.limits}
	if m, err = tail.Model(Options{Inputs: [][]int{{32, -1, -1}}}); err != nil {
		t.Fatal(err)
	}
	second, err := f.Tensor("modules.2.output")
	if err != nil {
		t.Fatal(err)
	}
	in, err := float32s(second).Reshape(tensor.Dims(1, 32, 16, 16))
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range run(t, m, map[string]tensor.Tensor{"input": in}, "modules.2", "modules.3", "modules.4.modules.3") {
		name := []string{"modules.4.output", "modules.5.output", "output"}[i]
		want, err := f.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name, got, tensor.Widen(want).F, append([]int{1}, want.Shape().Dims()...), 2e-6)
	}
}

// module is a module of fields by turns of name and value, for tests.
func module(class string, fields ...any) *Module {
	m := &Module{Class: class, Fields: &Table{}}
	for i := 0; i < len(fields); i += 2 {
		m.Fields.set(fields[i], fields[i+1])
	}
	return m
}

func sequential(list ...*Module) *Module {
	t := &Table{}
	for i, m := range list {
		t.set(float64(i+1), m)
	}
	return module("nn.Sequential", "modules", t)
}

// floats is a tensor over those numbers, repeated to the shape where they are
// fewer.
func floats(dims []int, v ...float32) *Tensor {
	s := tensor.Dims(dims...)
	strides := s.Strides()
	t := &Tensor{Type: tensor.Type{DType: tensor.Float32, Shape: s}, strides: slices.Clone(strides[:len(dims)])}
	if len(v) < s.Size() {
		clear(t.strides)
	}
	t.Storage = &Storage{DType: tensor.Float32, Len: len(v), data: tensor.From(tensor.Dims(len(v)), v).Bytes()}
	return t
}

func translate(m *Module, o Options) (*onnx.Model, error) {
	return (&File{Root: m, limits: Limits{}.withDefaults(0)}).Model(o)
}

// TestMissingClassesAreAllNamed in one error.
func TestMissingClassesAreAllNamed(t *testing.T) {
	_, err := translate(sequential(module("nn.Tanh"), module("nn.LSTM"), sequential(module("my.Layer"), module("nn.LSTM"))), Options{})
	var missing *MissingError
	if !errors.As(err, &missing) || len(missing.Places) != 2 {
		t.Fatal(err)
	}
	if want := "my.Layer (modules.3.modules.1); nn.LSTM (modules.2, modules.3.modules.2)"; !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestBadNetworksAreRefused: the place, the class and the reason.
func TestBadNetworksAreRefused(t *testing.T) {
	conv := func(fields ...any) *Module {
		all := []any{"nInputPlane", 1.0, "nOutputPlane", 2.0, "kW", 3.0, "kH", 3.0, "dW", 1.0, "dH", 1.0, "weight", floats([]int{2, 1, 3, 3}, make([]float32, 18)...)}
		return module("nn.SpatialConvolution", append(all, fields...)...)
	}
	self := sequential(module("nn.Tanh"))
	self.Fields.Get("modules").(*Table).set(2.0, self)
	twice := module("nn.Tanh")
	for range 40 {
		twice = sequential(twice, twice)
	}
	vector := Options{Inputs: [][]int{{4}}}
	for name, c := range map[string]struct {
		m    *Module
		o    Options
		want string
	}{
		"no input":        {sequential(module("nn.Tanh")), Options{}, "does not tell the sizes"},
		"no kernel":       {conv("kW", nil), Options{}, "the root (nn.SpatialConvolution): field kW is 0"},
		"half a kernel":   {conv("kW", 1.5), Options{}, "field kW is 1.5"},
		"stride 0":        {conv("dW", 0.0), Options{}, "field dW is 0"},
		"negative pads":   {conv("padW", -1.0), Options{}, "field padW is -1"},
		"not a number":    {conv("kW", "3"), Options{}, "field kW is no number"},
		"kernel":          {conv("kW", 4.0), Options{}, "wanted [2 1 3 4]"},
		"huge kernel":     {conv("kW", 16777216.0, "kH", 16777216.0), Options{}, "wanted [2 1 16777216 16777216]"},
		"no weight":       {conv("weight", nil), Options{}, "no tensor in field weight"},
		"self":            {self, vector, "20000 modules, or more than 100 deep"},
		"doubling":        {twice, vector, "20000 modules"},
		"no list":         {module("nn.Sequential", "modules", 3.0), vector, "modules is no list"},
		"hole":            {module("nn.Sequential", "modules", &Table{keys: []any{2.0}, vals: []any{module("nn.Tanh")}}), vector, "modules is no list"},
		"table":           {sequential(module("nn.ConcatTable", "modules", sequential(module("nn.Tanh")).Fields.Get("modules")), module("nn.Tanh")), vector, "modules.2 (nn.Tanh): gets a table"},
		"no table":        {module("nn.CAddTable"), vector, "gets no table"},
		"selects":         {module("nn.SelectTable", "index", 2.0), vector, "selects item 2 of 0"},
		"repeated":        {module("nn.Linear", "weight", floats([]int{1 << 20, 1 << 20}, 1)), Options{}, "more memory"},
		"repeated mean":   {module("nn.BatchNormalization", "running_mean", floats([]int{1 << 40}, 1)), Options{}, "more memory"},
		"connections":     {module("nn.SpatialConvolutionMap", "nInputPlane", 1.0, "nOutputPlane", 1.0, "kW", 1.0, "kH", 1.0, "connTable", floats([]int{1, 2}, 1, 2), "weight", floats([]int{1, 1, 1}, 1)), Options{}, "to plane 2 of 1"},
		"full map":        {module("nn.SpatialConvolutionMap", "nInputPlane", 60000.0, "nOutputPlane", 60000.0, "kW", 1.0, "kH", 1.0), Options{}, "more memory"},
		"without a batch": {module("nn.Reshape", "size", &Storage{DType: tensor.Int64, Len: 1, data: []byte{4, 0, 0, 0, 0, 0, 0, 0}}, "batchMode", false), Options{}, "batchMode"},
		"no shape":        {module("nn.View", "size", 4.0), vector, "no list of sizes"},
		"groups":          {conv("groups", 3.0), Options{}, "in 3 groups"},
		"10 axes":         {module("nn.Tanh"), Options{Inputs: [][]int{make([]int, 10)}}, "an input of 10 axes"},
		"no results":      {module("nn.ConcatTable", "modules", &Table{}), vector, "an empty table"},
		"nowhere":         {module("nn.Tanh"), Options{At: "modules.9"}, `no network at "modules.9"`},
	} {
		if _, err := translate(c.m, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %s", name, err, c.want)
		}
	}
}

// TestNetworkInATable: one beside other things, and one of two by its name.
func TestNetworkInATable(t *testing.T) {
	tanh, relu := module("nn.Tanh"), module("nn.ReLU")
	f := &File{Root: &Table{keys: []any{"model", "epoch", "criterion"}, vals: []any{tanh, 3.0, module("nn.MSECriterion")}}, limits: Limits{}.withDefaults(0)}
	if m, err := f.Model(Options{Inputs: [][]int{{3}}}); err != nil || m.Graph.Nodes[0].Op != "Tanh" {
		t.Error(err)
	}
	f.Root = &Table{keys: []any{"a", "b"}, vals: []any{tanh, relu}}
	if _, err := f.Model(Options{}); err == nil || !strings.Contains(err.Error(), `["a" "b"]`) {
		t.Error(err)
	}
	if m, err := f.Model(Options{At: "b", Inputs: [][]int{{3}}}); err != nil || m.Graph.Nodes[0].Op != "Relu" {
		t.Error(err)
	}
}

// TestSharedParametersAreSharedInTheModel.
func TestSharedParametersAreSharedInTheModel(t *testing.T) {
	w := floats([]int{3, 3}, make([]float32, 9)...)
	m, err := translate(sequential(module("nn.Linear", "weight", w), module("nn.Linear", "weight", w)), Options{})
	if err != nil || len(m.Graph.Inits) != 1 {
		t.Errorf("%d parameters, %v", len(m.Graph.Inits), err)
	}
}

// FuzzModel: networks of files that are accepted become models, or errors.
func FuzzModel(f *testing.F) {
	files, err := filepath.Glob("testdata/*.net")
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Read(data, Limits{})
		if err != nil {
			return
		}
		m, err := file.Model(Options{})
		if err != nil && !strings.HasPrefix(err.Error(), "torch7: ") {
			t.Fatal(err)
		}
		if err == nil && len(m.Graph.Outputs) == 0 {
			t.Fatal("a model without outputs")
		}
	})
}
