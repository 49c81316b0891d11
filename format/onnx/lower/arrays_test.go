package lower_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/conformance"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// numbers is a vector of int64.
func numbers(v ...int64) tensor.Tensor { return tensor.From(tensor.Dims(len(v)), v) }

// oneNode is a model of one node, some of whose inputs have content.
func oneNode(t *testing.T, op string, opset int64, in []any, attrs ...onnx.Attr) *onnx.Model {
	t.Helper()
	b := onnx.NewBuilder(op)
	var names []string
	for i, x := range in {
		name := string(rune('a' + i))
		switch x := x.(type) {
		case tensor.Tensor:
			name = b.Init(name, x)
		case tensor.Type:
			e, _ := onnx.ElemOf(x.DType)
			var dims []any
			for _, d := range x.Shape.Dims() {
				dims = append(dims, d)
			}
			name = b.Input(name, e, dims...)
		default:
			name = ""
		}
		names = append(names, name)
	}
	b.OutputAny(b.Add(op, names, attrs...), onnx.ElemNone)
	m, err := b.Model(opset)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// run runs a model once.
func run(t *testing.T, m *onnx.Model, in map[string]tensor.Tensor) (map[string]tensor.Tensor, error) {
	t.Helper()
	s, err := lower.NewSession(m, lower.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return s.Run(t.Context(), in)
}

// TestArraysRefused: shapes, axes and places that do not fit, and those that
// would need more memory than there is.
func TestArraysRefused(t *testing.T) {
	for _, c := range arraysRefused {
		refuseKnown(t, c.op, c.want, oneNode(t, c.op, c.opset, c.in, c.attrs...))
	}
}

// counted is 0, 1, … below n.
func counted(n int) tensor.Tensor {
	v := make([]int64, n)
	for i := range v {
		v[i] = int64(i)
	}
	return numbers(v...)
}

// mel is 3 bands of 16 places at 8000 Hz from 0 Hz to high.
func mel(high float64) []any {
	return []any{
		tensor.Scalar(int64(3)), tensor.Scalar(int64(16)), tensor.Scalar(int64(8000)), tensor.Scalar(float32(0)), tensor.Scalar(float32(high)),
	}
}

const huge = int64(1) << 40

var pairs = tensor.F32(2, 3)

// arraysRefused is nodes and what their errors say. Inputs that are tensors are
// known, of types are fed.
var arraysRefused = []struct {
	op    string
	opset int64
	in    []any
	attrs []onnx.Attr
	want  string
}{
	{"ConstantOfShape", 9, []any{numbers(1<<20, 1<<20)}, nil, "more than"},
	{"ConstantOfShape", 9, []any{numbers(1<<62, 1<<62, 4)}, nil, "more than"},
	{"ConstantOfShape", 9, []any{numbers(-1)}, nil, "negative"},
	{"Expand", 13, []any{pairs, numbers(huge, 1, 1)}, nil, "more than"},
	{"Expand", 13, []any{pairs, numbers(4, 3)}, nil, "stretch"},
	{"Tile", 13, []any{pairs, numbers(1<<60, 1)}, nil, "repeats"},
	{"Tile", 13, []any{pairs, numbers(1<<20, 1<<20)}, nil, "more than"},
	{"Tile", 13, []any{pairs, numbers(1, -1)}, nil, "repeats"},
	{"Range", 11, []any{tensor.Scalar(int64(0)), tensor.Scalar(huge), tensor.Scalar(int64(1))}, nil, "more than"},
	{"Range", 11, []any{tensor.Scalar(float32(0)), tensor.Scalar(float32(1)), tensor.Scalar(float32(0))}, nil, "does not end"},
	{"Range", 11, []any{tensor.Scalar(int64(0)), tensor.Scalar(int64(1)), tensor.Scalar(int64(0))}, nil, "does not end"},
	{"Pad", 13, []any{pairs, numbers(huge, 0, 0, 0)}, nil, "more than"},
	{"Pad", 13, []any{pairs, numbers(1<<62, 0, 1<<62, 0)}, nil, "pads"},
	{"Pad", 13, []any{pairs, numbers(-2, 0, -2, 0)}, nil, "negative"},
	{"Pad", 13, []any{pairs, numbers(1, 0)}, nil, "2 pads for 2 axes"},
	{"Pad", 13, []any{tensor.F32(0, 3), numbers(1, 0, 0, 0)}, []onnx.Attr{onnx.String("mode", "edge")}, "no elements"},
	{"Pad", 13, []any{pairs, numbers(1, 0, 0, 0)}, []onnx.Attr{onnx.String("mode", "mirror")}, "mirror"},
	{"Gather", 13, []any{pairs, numbers(2)}, nil, "index 2 of 2"},
	{"Gather", 13, []any{pairs, numbers(-3)}, nil, "index -3 of 2"},
	{"Gather", 13, []any{pairs, numbers(0)}, []onnx.Attr{onnx.Int("axis", 2)}, "axis 2"},
	{"GatherND", 13, []any{pairs, numbers(0, 0, 0)}, nil, "for [2 3]"},
	{"GatherND", 13, []any{pairs, numbers(0, 3)}, nil, "index 3 of 3"},
	{"ScatterND", 13, []any{pairs, numbers(0, 3), tensor.F32()}, nil, "index 3 of 3"},
	{"ScatterND", 13, []any{pairs, numbers(0, 1), tensor.F32(2)}, nil, "updates"},
	{"ScatterElements", 18, []any{pairs, numbers(0, 1), tensor.F32(2)}, []onnx.Attr{onnx.String("reduction", "sub")}, "sub"},
	{"TensorScatter", 24, []any{pairs, tensor.F32(2, 4)}, []onnx.Attr{onnx.Int("axis", 1)}, "update"},
	{"Reshape", 13, []any{pairs, numbers(-1, -1)}, nil, "two sizes"},
	{"Reshape", 13, []any{pairs, numbers(4, -1)}, nil, "do not fit"},
	{"Reshape", 13, []any{pairs, numbers(2, 3, 0)}, nil, "axis which"},
	{"Reshape", 13, []any{pairs, numbers(-2, -3)}, nil, "negative"},
	{"Reshape", 14, []any{tensor.F32(0, 3), numbers(0, -1)}, []onnx.Attr{onnx.Int("allowzero", 1)}, "do not fit"},
	{"Slice", 13, []any{pairs, numbers(0), numbers(1), numbers(0), numbers(0)}, nil, "step"},
	{"Slice", 13, []any{pairs, numbers(0, 0), numbers(1, 1), numbers(0, -2)}, nil, "twice"},
	{"Slice", 13, []any{pairs, numbers(0, 0), numbers(1)}, nil, "starts"},
	{"Split", 13, []any{pairs, numbers(1, 3)}, []onnx.Attr{onnx.Int("axis", 1)}, "parts"},
	{"Split", 13, []any{pairs, numbers(-1, 4)}, []onnx.Attr{onnx.Int("axis", 1)}, "parts"},
	{"Split", 13, []any{pairs, numbers(1, math.MaxInt64, math.MaxInt64, 4)}, []onnx.Attr{onnx.Int("axis", 1)}, "parts of [1"},
	{"Split", 18, []any{pairs}, []onnx.Attr{onnx.Int("num_outputs", 4)}, "parts"},
	{"Split", 18, []any{pairs}, []onnx.Attr{onnx.Int("num_outputs", huge)}, "parts"},
	{"Squeeze", 13, []any{pairs, numbers(0)}, nil, "size 2"},
	{"Unsqueeze", 13, []any{pairs, numbers(0, -4)}, nil, "twice"},
	{"Unsqueeze", 13, []any{pairs, numbers(9)}, nil, "axis 9"},
	{"Unsqueeze", 13, []any{pairs, counted(1 << 17)}, nil, "131072 more"},
	{"Transpose", 13, []any{pairs}, []onnx.Attr{onnx.Ints("perm", 0)}, "perm"},
	{"Concat", 13, []any{pairs, tensor.F32(2, 3, 1)}, []onnx.Attr{onnx.Int("axis", 0)}, "concatenate"},
	{"Concat", 13, []any{pairs}, nil, "axis"},
	{"DepthToSpace", 13, []any{tensor.F32(1, 6, 2, 2)}, []onnx.Attr{onnx.Int("blocksize", 2)}, "blocks"},
	{"DepthToSpace", 13, []any{tensor.F32(1, 4, 2, 2)}, []onnx.Attr{onnx.Int("blocksize", 0)}, "blocks of 0"},
	{"SpaceToDepth", 13, []any{tensor.F32(1, 4, 3, 2)}, []onnx.Attr{onnx.Int("blocksize", 2)}, "blocks"},
	{"OneHot", 11, []any{ints64(2), numbers(huge), tensor.F32(2)}, nil, "more than"},
	{"OneHot", 11, []any{ints64(2), numbers(-1), tensor.F32(2)}, nil, "negative"},
	{"TopK", 11, []any{pairs, numbers(4)}, nil, "4 of 3"},
	{"ArgMax", 13, []any{tensor.F32(2, 0)}, []onnx.Attr{onnx.Int("axis", 1)}, "empty"},
	{"Compress", 11, []any{pairs, tensor.New(tensor.Type{DType: tensor.Bool, Shape: tensor.Dims(1, 1)})}, []onnx.Attr{onnx.Int("axis", 0)}, "condition"},
	{"Compress", 11, []any{pairs, numbers(1, 1)}, nil, "want bool"},
	{"Col2Im", 18, []any{tensor.F32(1, 4, 9), numbers(4, 4), numbers(2, 2)}, []onnx.Attr{onnx.Ints("strides", 0, 1)}, "strides"},
	{"Col2Im", 18, []any{tensor.F32(1, 4, 9), numbers(huge, huge), numbers(2, 2)}, nil, "more than"},
	{"Col2Im", 18, []any{tensor.F32(1, 4, 9), numbers(4, 4), numbers(5, 2)}, nil, "axis of size 4"},
	{"Col2Im", 18, []any{tensor.F32(1, 4, 8), numbers(4, 4), numbers(2, 2)}, nil, "columns"},
	{"EyeLike", 9, []any{tensor.F32(2)}, nil, "no matrix"},
	{"ReverseSequence", 10, []any{pairs, numbers(1, 1)}, nil, "lengths"},
	{"CumSum", 14, []any{pairs, numbers(2)}, nil, "axis 2"},
	{"MelWeightMatrix", 17, mel(math.Inf(1)), nil, "3 bands"},
	{"MelWeightMatrix", 17, mel(1e38), nil, "above half"},
	{"NonMaxSuppression", 11, []any{tensor.F32(1, 5, 4), tensor.F32(1, 2, 4)}, nil, "boxes"},
}

// refuseKnown runs a model on zeros and asks for an error that holds want.
func refuseKnown(t *testing.T, op, want string, m *onnx.Model) {
	t.Helper()
	in := map[string]tensor.Tensor{}
	for _, p := range m.Graph.Inputs {
		d, _ := p.Type.Elem.DType()
		dims := make([]int, len(p.Type.Dims))
		for i, x := range p.Type.Dims {
			dims[i] = int(x.Size)
		}
		in[p.Name] = tensor.New(tensor.Type{DType: d, Shape: tensor.Dims(dims...)})
	}
	_, err := run(t, m, in)
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), op) {
		t.Errorf("%s: error %v, want one with %q", op, err, want)
	}
}

// TestSumsRefused: reductions, products, draws and spectra of what does not fit.
func TestSumsRefused(t *testing.T) {
	x := tensor.F32(2, 3)
	refuse(t, []refusal{
		{"ReduceSum", 11, []tensor.Type{x}, []onnx.Attr{onnx.Ints("axes", 2)}, "axis 2"},
		{"ReduceMax", 13, []tensor.Type{x}, []onnx.Attr{onnx.Ints("axes", 1, -1)}, "twice"},
		{"MatMul", 13, []tensor.Type{x, x}, nil, "dot-general"},
		{"MatMul", 13, []tensor.Type{x, tensor.F32()}, nil, "scalar"},
		{"Gemm", 13, []tensor.Type{x, tensor.F32(3)}, nil, "want matrices"},
		{"Gemm", 13, []tensor.Type{x, tensor.F32(3, 4), tensor.F32(3)}, nil, "stretch"},
		{"Einsum", 12, []tensor.Type{x, x}, []onnx.Attr{onnx.String("equation", "ij,jk->ik")}, "sizes 3 and 2"},
		{"Einsum", 12, []tensor.Type{x, x}, []onnx.Attr{onnx.String("equation", "ij->i")}, "1 terms for 2"},
		{"Einsum", 12, []tensor.Type{x}, []onnx.Attr{onnx.String("equation", "ijk->i")}, "3 letters for 2"},
		{"Einsum", 12, []tensor.Type{x}, []onnx.Attr{onnx.String("equation", "ij->ik")}, "'k'"},
		{"Einsum", 12, []tensor.Type{x}, []onnx.Attr{onnx.String("equation", "ij->ii")}, "once"},
		{"Einsum", 12, []tensor.Type{x}, []onnx.Attr{onnx.String("equation", "i1->i")}, "letters"},
		{"Einsum", 12, []tensor.Type{x}, []onnx.Attr{onnx.String("equation", "ii->i")}, "sizes 2 and 3"},
		{"Einsum", 12, []tensor.Type{x}, nil, "equation"},
		{"Det", 11, []tensor.Type{x}, nil, "square"},
		{"RandomNormal", 1, nil, []onnx.Attr{onnx.Ints("shape", 1<<20, 1<<20)}, "more than"},
		{"RandomUniform", 1, nil, []onnx.Attr{onnx.Ints("shape", 2), onnx.Int("dtype", 7)}, "draw int64"},
		{"Multinomial", 7, []tensor.Type{tensor.F32(2)}, nil, "[N classes]"},
		{"Multinomial", 7, []tensor.Type{x}, []onnx.Attr{onnx.Int("sample_size", -1)}, "negative"},
		{"DFT", 17, []tensor.Type{tensor.F32(2, 4, 3)}, nil, "3 parts"},
		{"DFT", 17, []tensor.Type{tensor.F32(2, 4, 2)}, []onnx.Attr{onnx.Int("axis", 2)}, "last axis"},
		{"DFT", 17, []tensor.Type{tensor.F32(2, 4, 2), ints64()}, nil, "0 places"},
		{"STFT", 17, []tensor.Type{tensor.F32(2, 4, 1), ints64()}, nil, "0 apart"},
	})
	two := tensor.Scalar(int64(2))
	for want, in := range map[string][]any{
		"frames of 9":                {tensor.F32(2, 4, 1), two, nil, tensor.Scalar(int64(9))},
		"a window [3] for frames of": {tensor.F32(2, 4, 1), two, tensor.F32(3), tensor.Scalar(int64(4))},
	} {
		refuseKnown(t, "STFT", want, oneNode(t, "STFT", 17, in))
	}
	mel := func(v ...any) *onnx.Model { return oneNode(t, "MelWeightMatrix", 17, v) }
	n := func(v int64) tensor.Tensor { return tensor.Scalar(v) }
	f := func(v float32) tensor.Tensor { return tensor.Scalar(v) }
	refuseKnown(t, "MelWeightMatrix", "above half", mel(n(8), n(16), n(8000), f(0), f(20000)))
	refuseKnown(t, "MelWeightMatrix", "a table", mel(n(1<<20), n(1<<12), n(8000), f(0), f(4000)))
	refuseKnown(t, "HannWindow", "negative", oneNode(t, "HannWindow", 17, []any{n(-1)}))
	refuseKnown(t, "HannWindow", "a table", oneNode(t, "HannWindow", 17, []any{n(1 << 30)}))
}

// TestShapesOfData runs, twice and with other lengths, a chain whose shapes the
// data decides: the rows of a matrix whose first number is above a limit.
func TestShapesOfData(t *testing.T) {
	b := onnx.NewBuilder("rows")
	x := b.Input("x", 1, "N", 3)
	first := b.Add("Slice", []string{x, b.Ints("from", 0), b.Ints("to", 1), b.Ints("axis", 1)})
	at := b.Add("NonZero", []string{first})
	rows := b.Add("Gather", []string{at, b.Ints("row", 0)})
	flat := b.Add("Reshape", []string{rows, b.Ints("whole", -1)})
	b.Output(b.AddAs("kept", "Gather", []string{x, flat}), 1, nil, 3)
	count := b.Add("Shape", []string{"kept"})
	n := b.Add("Gather", []string{count, b.Init("zero", tensor.Scalar(int64(0)))})
	b.Output(b.AddAs("numbered", "Range", []string{b.Init("0", tensor.Scalar(int64(0))), n, b.Init("1", tensor.Scalar(int64(1)))}), 7, nil)
	m, err := b.Model(17)
	if err != nil {
		t.Fatal(err)
	}
	s, err := lower.NewSession(m, lower.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []struct{ in, want []float32 }{
		{[]float32{1, 2, 3, 0, 5, 6, 7, 8, 9}, []float32{1, 2, 3, 7, 8, 9}},
		{[]float32{0, 2, 3, 0, 5, 6, 7, 8, 9}, []float32{7, 8, 9}},
		{[]float32{0, 2, 3, 0, 5, 6, 0, 8, 9}, nil},
	} {
		out, err := s.Run(t.Context(), map[string]tensor.Tensor{"x": tensor.From(tensor.Dims(3, 3), c.in)})
		if err != nil {
			t.Fatal(err)
		}
		k := len(c.want) / 3
		want := lower.TensorHost(tensor.From(tensor.Dims(k, 3), c.want))
		if err := conformance.Compare(lower.TensorHost(out["kept"]), want, conformance.Tolerance{}); err != nil {
			t.Errorf("kept %v", err)
		}
		var places []int64
		for i := range k {
			places = append(places, int64(i))
		}
		if err := conformance.Compare(lower.TensorHost(out["numbered"]), lower.TensorHost(numbers(places...)), conformance.Tolerance{}); err != nil {
			t.Errorf("numbered %v", err)
		}
	}
	var dynamic *lower.DynamicError
	if _, err := lower.Lower(m, lower.Binding{Types: map[string]tensor.Type{"x": tensor.F32(3, 3)}}); !errors.As(err, &dynamic) {
		t.Errorf("as one graph: error %v, want a DynamicError", err)
	}
}
