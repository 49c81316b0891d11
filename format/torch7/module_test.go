package torch7

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/tensor"
)

// results is what a network makes of numbers in a shape with the axis of examples.
func results(t *testing.T, m *Module, dims []int, v ...float32) tensor.Tensor {
	t.Helper()
	model, err := translate(m, Options{Inputs: [][]int{dims[1:]}})
	if err != nil {
		t.Fatal(err)
	}
	return run(t, model, map[string]tensor.Tensor{"input": tensor.From(tensor.Dims(dims...), v)})[0]
}

// TestAveragesOfOldFilesAreSums: nn multiplies by the window where the field
// divide is not true, cudnn has no such field.
func TestAveragesOfOldFilesAreSums(t *testing.T) {
	for _, c := range []struct {
		class  string
		divide any
		want   float64
	}{
		{"nn.SpatialAveragePooling", nil, 10}, {"nn.SpatialAveragePooling", false, 10}, {"nn.SpatialAveragePooling", true, 2.5},
		{"cudnn.SpatialAveragePooling", nil, 2.5},
	} {
		m := module(c.class, "kW", 2.0, "kH", 2.0, "dW", 2.0, "dH", 2.0, "divide", c.divide)
		near(t, fmt.Sprint(c), results(t, m, []int{1, 1, 2, 2}, 1, 2, 3, 4), []float64{c.want}, []int{1, 1, 1, 1}, 1e-6)
	}
}

// TestOldFieldOfCrossMap: x / (2 + 1/1 · x²)^1 for x = 2, 2 being in K.
func TestOldFieldOfCrossMap(t *testing.T) {
	m := module("cudnn.SpatialCrossMapLRN", "size", 1.0, "alpha", 1.0, "beta", 1.0, "K", 2.0)
	near(t, "K", results(t, m, []int{1, 1, 1, 1}, 2), []float64{2.0 / 6}, []int{1, 1, 1, 1}, 1e-6)
}

// TestSoftMaxOfCudnn goes over planes and places together, that of nn over planes.
func TestSoftMaxOfCudnn(t *testing.T) {
	x := []float32{0, 1, 2, 3, 0, 0, 1, 1}
	all := func(of func(sum, v float64) float64, groups int) []float64 {
		want := make([]float64, len(x))
		for n := range 2 {
			for i := range 4 {
				sum := 0.0
				for j := range 4 {
					if j%groups == i%groups {
						sum += math.Exp(float64(x[n*4+j]))
					}
				}
				want[n*4+i] = of(sum, float64(x[n*4+i]))
			}
		}
		return want
	}
	soft := func(sum, v float64) float64 { return math.Exp(v) / sum }
	logged := func(sum, v float64) float64 { return v - math.Log(sum) }
	for class, want := range map[string][]float64{
		"cudnn.SoftMax": all(soft, 1), "cudnn.LogSoftMax": all(logged, 1),
		"cudnn.SpatialSoftMax": all(soft, 2), "nn.SoftMax": all(soft, 2), "nn.LogSoftMax": all(logged, 2),
	} {
		near(t, class, results(t, module(class), []int{2, 2, 1, 2}, x...), want, []int{2, 2, 1, 2}, 1e-6)
	}
	near(t, "of vectors", results(t, module("cudnn.SoftMax"), []int{2, 4}, x...), all(soft, 1), []int{2, 4}, 1e-6)
}

// storage is a list of whole numbers, for tests.
func storage(v ...int64) *Storage {
	return &Storage{DType: tensor.Int64, Len: len(v), data: tensor.From(tensor.Dims(len(v)), v).Bytes()}
}

// TestOpenSizesOfView: what nn.View makes of 2 examples of 3 planes.
func TestOpenSizesOfView(t *testing.T) {
	x := []float32{1, 2, 3, 4, 5, 6}
	for _, c := range []struct {
		size []int64
		dims any // numInputDims
		want []int
	}{
		{[]int64{-1, 3}, nil, []int{2, 3}}, {[]int64{-1, 1, 3}, nil, []int{2, 1, 3}}, {[]int64{-1, 3}, 3.0, []int{2, 1, 3}},
		{[]int64{-1}, 3.0, []int{2, 3}}, {[]int64{-1}, nil, []int{2, 3}}, {[]int64{3}, nil, []int{2, 3}},
	} {
		m := module("nn.View", "size", storage(c.size...), "numInputDims", c.dims)
		near(t, fmt.Sprint(c), results(t, m, []int{2, 3, 1, 1}, x...), []float64{1, 2, 3, 4, 5, 6}, c.want, 0)
	}
}

// TestDimensionsOfExamples: 2 examples [1 3], whose dimensions are counted from
// behind the axis of examples only if the field says that they are 2.
func TestDimensionsOfExamples(t *testing.T) {
	swap := func(a, b float64) *Table {
		pair := &Table{keys: []any{1.0, 2.0}, vals: []any{a, b}}
		return &Table{keys: []any{1.0}, vals: []any{pair}}
	}
	twice := func(dimension, n float64) *Module {
		both := &Table{keys: []any{1.0, 2.0}, vals: []any{module("nn.Identity"), module("nn.Identity")}}
		return sequential(module("nn.ConcatTable", "modules", both), module("nn.JoinTable", "dimension", dimension, "nInputDims", n))
	}
	once, again := []float64{1, 2, 3, 4, 5, 6}, []float64{1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6}
	for name, c := range map[string]struct {
		m    *Module
		want []float64
		dims []int
	}{
		"transpose, with examples": {module("nn.Transpose", "permutations", swap(2, 3)), once, []int{2, 3, 1}},
		"transpose":                {module("nn.Transpose", "permutations", swap(1, 2), "numInputDims", 2.0), once, []int{2, 3, 1}},
		"transpose, of all":        {module("nn.Transpose", "permutations", swap(2, 3), "numInputDims", 3.0), once, []int{2, 3, 1}},
		"replicate":                {module("nn.Replicate", "nfeatures", 2.0, "dim", 1.0, "ndim", 2.0), again, []int{2, 2, 1, 3}},
		"replicate, of vectors":    {module("nn.Replicate", "nfeatures", 1.0, "dim", 1.0, "ndim", 1.0), once, []int{2, 1, 1, 3}},
		"replicate, of all":        {module("nn.Replicate", "nfeatures", 1.0, "dim", 1.0, "ndim", 3.0), once, []int{1, 2, 1, 3}},
		"join":                     {twice(1, 2), again, []int{2, 2, 3}},
		"join, of all":             {twice(2, 3), again, []int{2, 2, 3}},
	} {
		near(t, name, results(t, c.m, []int{2, 1, 3}, 1, 2, 3, 4, 5, 6), c.want, c.dims, 0)
	}
}

// TestRepeatedModulesAreBounded: small networks whose modules, in many places,
// would be looked at or have results 2^40 times; and modules that get slices of
// the input, or add one number to it, which do not tell it.
func TestRepeatedModulesAreBounded(t *testing.T) {
	two := func(class string, m *Module) *Module {
		return module(class, "modules", &Table{keys: []any{1.0, 2.0}, vals: []any{m, m}})
	}
	doubled := func(class string, m *Module) *Module {
		for range 40 {
			m = two(class, m)
		}
		return m
	}
	linear := module("nn.Linear", "weight", floats([]int{3, 3}, make([]float32, 9)...))
	pairs := slices.Repeat([]*Module{two("nn.ConcatTable", module("nn.Identity"))}, 40)
	vector := Options{Inputs: [][]int{{4}}}
	for name, c := range map[string]struct {
		m    *Module
		o    Options
		want string
	}{
		"nothing told":  {doubled("nn.ConcatTable", module("nn.Identity")), Options{}, "does not tell the sizes"},
		"tables told":   {doubled("nn.ParallelTable", linear), Options{}, "does not tell the sizes"},
		"slices told":   {module("nn.Parallel", "modules", two("", linear).Fields.Get("modules"), "inputDimension", 2.0, "outputDimension", 2.0), Options{}, "does not tell the sizes"},
		"number told":   {module("nn.Add", "scalar", true, "bias", floats([]int{1}, 1)), Options{}, "does not tell the sizes"},
		"results":       {sequential(pairs...), vector, "torch7: a table of more than 20000 values"},
		"flat":          {sequential(append(pairs, module("nn.FlattenTable"))...), vector, "modules.41 (nn.FlattenTable): a table of more than 20000 values"},
		"empty results": {sequential(append([]*Module{module("nn.ConcatTable", "modules", &Table{})}, pairs...)...), vector, "a table of more than 20000 values"},
	} {
		if _, err := translate(c.m, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %s", name, err, c.want)
		}
	}
}

// TestSoftMaxOfMatrices: to nn a matrix is a list of vectors, in a network for
// single examples too, as the first module shows that this is one.
func TestSoftMaxOfMatrices(t *testing.T) {
	m := sequential(module("nn.Narrow", "dimension", 1.0, "index", 1.0, "length", 2.0), module("nn.SoftMax"))
	low, high := 1/(1+math.E), math.E/(1+math.E)
	near(t, "rows", results(t, m, []int{1, 2, 2}, 0, 1, 6, 5), []float64{low, high, high, low}, []int{1, 2, 2}, 1e-6)
}
