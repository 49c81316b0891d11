package lower_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/conformance"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// gives runs a node with its operands fed, and with them known, and asks for want,
// number for number. An empty tensor.Tensor is an operand left out.
func gives(t *testing.T, op string, opset int64, in []tensor.Tensor, want tensor.Tensor, attrs ...onnx.Attr) {
	t.Helper()
	for _, known := range []bool{false, true} {
		operands, fed := make([]any, len(in)), map[string]tensor.Tensor{}
		for i, x := range in {
			switch {
			case x.IsZero():
			case known:
				operands[i] = x
			default:
				operands[i] = x.Type()
				fed[string(rune('a'+i))] = x
			}
		}
		m := oneNode(t, op, opset, operands, attrs...)
		out, err := run(t, m, fed)
		if err != nil {
			t.Errorf("%s, known %v: %v", op, known, err)
			continue
		}
		got := lower.TensorHost(out[m.Graph.Outputs[0].Name])
		if err := conformance.Compare(got, lower.TensorHost(want), conformance.Tolerance{}); err != nil {
			t.Errorf("%s, known %v: %v", op, known, err)
		}
	}
}

// vector is numbers as elements of d.
func vector(d tensor.DType, v ...float64) tensor.Tensor {
	return tensor.Wide{Type: tensor.Type{DType: d, Shape: tensor.Dims(len(v))}, F: v}.Narrow()
}

// TestClipOfWholeNumbers: a bound that is not given bounds nothing, also where
// float64 does not have the type's largest number.
func TestClipOfWholeNumbers(t *testing.T) {
	const most = math.MaxInt64
	none := tensor.Tensor{}
	x, low, high := numbers(-most-1, -5, 7, most), tensor.Scalar(int64(-3)), tensor.Scalar(int64(3))
	gives(t, "Clip", 13, []tensor.Tensor{x, low}, numbers(-3, -3, 7, most))
	gives(t, "Clip", 13, []tensor.Tensor{x, none, high}, numbers(-most-1, -5, 3, 3))
	gives(t, "Clip", 13, []tensor.Tensor{x, low, high}, numbers(-3, -3, 3, 3))
	gives(t, "Clip", 13, []tensor.Tensor{x, tensor.Scalar(int64(most - 1))}, numbers(most-1, most-1, most-1, most))
	u := tensor.From(tensor.Dims(3), []uint64{0, 5, math.MaxUint64})
	gives(t, "Clip", 13, []tensor.Tensor{u, tensor.Scalar(uint64(3))}, tensor.From(tensor.Dims(3), []uint64{3, 5, math.MaxUint64}))
}

// TestPowersOfNarrowFloats: the exponent keeps its digits. (-1)²⁵⁷ is -1, and bfloat16
// has no 257; 60000^0.9001 is 19990.7, in float16 19984, of whose float16 exponent
// 0.9004 it is 20054.
func TestPowersOfNarrowFloats(t *testing.T) {
	b, h := tensor.BFloat16, tensor.Float16
	gives(t, "Pow", 15, []tensor.Tensor{vector(b, -1, 1.5), numbers(257, 3)}, vector(b, -1, 3.375))
	gives(t, "Pow", 15, []tensor.Tensor{vector(h, 60000), vector(tensor.Float32, 0.9001)}, vector(h, 19984))
}

// TestMasksOfWholeNumbers: of a mask that is shorter than the keys, the others are not
// seen, whatever the mask's type. A query of zeros takes the same of each it sees.
func TestMasksOfWholeNumbers(t *testing.T) {
	q := tensor.New(tensor.F32(1, 1, 1, 1))
	k := tensor.From(tensor.Dims(1, 1, 3, 1), []float32{1, 3, 8})
	want := tensor.From(tensor.Dims(1, 1, 1, 1), []float32{2})
	gives(t, "Attention", 24, []tensor.Tensor{q, k, k, tensor.From(tensor.Dims(1, 2), []int32{0, 0})}, want)
	gives(t, "Attention", 24, []tensor.Tensor{q, k, k, tensor.New(tensor.F32(1, 2))}, want)
}

// TestSamplesKeepTheirDigits: GridSample of numbers that float32 has not.
func TestSamplesKeepTheirDigits(t *testing.T) {
	ids := tensor.From(tensor.Dims(1, 1, 1, 3), []int64{0, 1<<24 + 1, 2})
	middle := tensor.New(tensor.F32(1, 1, 1, 2))
	aligned := onnx.Int("align_corners", 1)
	gives(t, "GridSample", 20, []tensor.Tensor{ids, middle}, tensor.From(tensor.Dims(1, 1, 1, 1), []int64{1<<24 + 1}), aligned, onnx.String("mode", "nearest"))
	x := tensor.From(tensor.Dims(1, 1, 1, 3), []float64{0, 1, 2})
	at := tensor.From(tensor.Dims(1, 1, 1, 2), []float64{1.0 / (1 << 30), 0})
	gives(t, "GridSample", 20, []tensor.Tensor{x, at}, tensor.From(tensor.Dims(1, 1, 1, 1), []float64{1 + 1.0/(1<<30)}), aligned)
}

// TestMuchOfNothing: a batch of no examples has no results, however large an example's
// would be: nothing is laid out for them.
func TestMuchOfNothing(t *testing.T) {
	const side = 1 << 20
	gives(t, "AffineGrid", 20, []tensor.Tensor{tensor.New(tensor.F32(0, 2, 3)), numbers(0, 1, side, side)}, tensor.New(tensor.F32(0, side, side, 2)))
	gives(t, "Col2Im", 18, []tensor.Tensor{tensor.New(tensor.F32(0, side, side)), numbers(2*side - 1), numbers(side)}, tensor.New(tensor.F32(0, 1, 2*side-1)))
	gives(t, "DeformConv", 19, []tensor.Tensor{tensor.New(tensor.F32(0, 1, 1<<16)), tensor.New(tensor.F32(0, 1, 1<<15)), tensor.New(tensor.F32(0, 1<<15, 1<<15+1))},
		tensor.New(tensor.F32(0, 0, 1<<15+1)))
}

// TestRefusedByName: what has no meaning is an error and not left out of account.
func TestRefusedByName(t *testing.T) {
	eight := tensor.Type{DType: tensor.Int8, Shape: tensor.Dims(2, 0)}
	refuse(t, []refusal{
		{"AffineGrid", 20, []tensor.Type{ints64(0, 2, 3), ints64(4)}, nil, "floats"},
		{"Gather", 13, []tensor.Type{tensor.F32(2), tensor.F32(1)}, nil, "whole numbers"},
		{"DequantizeLinear", 21, []tensor.Type{eight, tensor.F32()}, []onnx.Attr{onnx.Int("block_size", 2)}, "blocks of 2"},
		{"ConvTranspose", 11, []tensor.Type{tensor.F32(1, 1, 2), tensor.F32(1, 2, 2), tensor.F32(3, 2)}, nil, "operand 2"},
		{"AveragePool", 11, []tensor.Type{tensor.F32(1, 1, 1)}, []onnx.Attr{onnx.Ints("kernel_shape", 1), onnx.Ints("pads", 1<<30, 1<<30)}, "more than"},
		{"LeakyRelu", 16, []tensor.Type{tensor.F32(2)}, []onnx.Attr{{Name: "alpha", Kind: onnx.AttrFloat, Ref: "slope"}}, "\"slope\""},
	})
}

// calling is a model that calls a function of the given operands and results, and has
// the outputs outs.
func calling(in, params, results, outs []string) *onnx.Model {
	g := &onnx.Graph{Inputs: []*onnx.Port{{Name: "x"}}, Nodes: []*onnx.Node{{Op: "F", Domain: "own", In: in, Out: []string{"y"}}}}
	for _, name := range outs {
		g.Outputs = append(g.Outputs, &onnx.Port{Name: name})
	}
	f := &onnx.Function{Name: "F", Domain: "own", In: params, Out: results}
	return &onnx.Model{IR: 10, Opsets: []onnx.Opset{{Version: 21}, {Domain: "own", Version: 1}}, Graph: g, Functions: []*onnx.Function{f}}
}

// TestOutputsThatNothingComputes: outputs without a name, and functions that do not
// fit their calls.
func TestOutputsThatNothingComputes(t *testing.T) {
	x := []string{"x"}
	for want, m := range map[string]*onnx.Model{
		"nothing computes output 1": calling(x, x, x, []string{"y", ""}),
		"result 0":                  calling(x, []string{"x", "z"}, []string{"z"}, []string{"y"}),
		"takes 1 operands":          calling([]string{"x", "x"}, x, x, []string{"y"}),
	} {
		_, err := run(t, m, map[string]tensor.Tensor{"x": tensor.New(tensor.F32(2))})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
		if _, err := lower.Lower(m, lower.Binding{Types: map[string]tensor.Type{"x": tensor.F32(2)}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("as one graph: error %v, want one with %q", err, want)
		}
	}
}

// TestEmptyListsOfTexts: a classifier may have an empty list of texts beside its whole
// numbers.
func TestEmptyListsOfTexts(t *testing.T) {
	m := learnedModel(t, "LinearClassifier", 2, onnx.Floats("coefficients", 1, 0, 0, 1), onnx.Ints("classlabels_ints", 3, 4), onnx.Strings("classlabels_strings"))
	out, err := runHosts(t, m, map[string]lower.Host{"x": lower.TensorHost(tensor.From(tensor.Dims(1, 2), []float32{1, 2}))})
	if err != nil {
		t.Fatal(err)
	}
	if y := tensor.Widen(out[m.Graph.Outputs[0].Name].Tensor).I; !slices.Equal(y, []int64{4}) {
		t.Errorf("label %v, want 4", y)
	}
}

// TestNoTextsAtAll: what a loop of no steps gathers has the type that its body states,
// texts too.
func TestNoTextsAtAll(t *testing.T) {
	b := onnx.NewBuilder("texts")
	body := b.Body("body")
	body.Input("step", 7)
	going := body.Input("going", 9)
	body.OutputAny(body.Add("Identity", []string{going}), 9)
	body.Output(body.Add("Constant", nil, onnx.String("value_string", "a")), onnx.ElemString)
	g, err := body.Graph()
	if err != nil {
		t.Fatal(err)
	}
	y := b.AddNode(&onnx.Node{Op: "Loop", In: []string{b.Init("0", tensor.Scalar(int64(0))), ""}, Attrs: []onnx.Attr{onnx.GraphAttr("body", g)}}, 1)
	b.OutputAny(y[0], onnx.ElemString)
	m, err := b.Model(17)
	if err != nil {
		t.Fatal(err)
	}
	out, err := runHosts(t, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	if h := out[y[0]]; h.Kind != lower.KindStrings || len(h.Strings) != 0 || !slices.Equal(h.Dims, []int{0}) {
		t.Errorf("got %v", h)
	}
}

// TestLargeProductsAreLeftToPlans: what is known is computed at once unless that is
// much work: 2·2⁸·2⁸·2⁹ operations by the definition take long.
func TestLargeProductsAreLeftToPlans(t *testing.T) {
	for n, known := range map[int]bool{2: true, 256: false} {
		m := oneNode(t, "MatMul", 13, []any{tensor.New(tensor.F32(n, 2*n)), tensor.New(tensor.F32(2*n, n))})
		x, err := lower.Lower(m, lower.Binding{})
		if err != nil {
			t.Fatal(err)
		}
		if got := x.Value(m.Graph.Outputs[0].Name) == nil; got != known {
			t.Errorf("a product of %d by %d is known: %v", n, n, got)
		}
	}
}

// TestTextsAreBounded: texts are moved as numbers on the host, as many as there may be.
func TestTextsAreBounded(t *testing.T) {
	b := onnx.NewBuilder("texts")
	x := b.Input("x", onnx.ElemString)
	y := b.Add("Expand", []string{x, b.Ints("shape", 1<<26+1)})
	b.OutputAny(y, onnx.ElemString)
	m, err := b.Model(17)
	if err != nil {
		t.Fatal(err)
	}
	_, err = runHosts(t, m, map[string]lower.Host{x: lower.StringsHost([]string{"a"})})
	if err == nil || !strings.Contains(err.Error(), "more than 67108864 elements") || !strings.Contains(err.Error(), "Expand") {
		t.Errorf("error %v", err)
	}
}

// TestOptionalInputsLeftOut: an input of an optional type that nobody gives is an empty
// optional.
func TestOptionalInputsLeftOut(t *testing.T) {
	b := onnx.NewBuilder("optional")
	x := b.Input("x", 1)
	b.OutputAny(b.AddAs("y", "OptionalHasElement", []string{x}), 9)
	m, err := b.Model(18)
	if err != nil {
		t.Fatal(err)
	}
	m.Graph.Inputs[0].Type = &onnx.Type{Kind: onnx.OptionalType, Of: onnx.TensorOf(1, 2)}
	for want, in := range map[uint8]map[string]lower.Host{
		0: nil, 1: {x: lower.TensorHost(tensor.New(tensor.F32(2)))},
	} {
		out, err := runHosts(t, m, in)
		if err != nil {
			t.Fatal(err)
		}
		if got := out["y"].Tensor.Bytes()[0]; got != want {
			t.Errorf("given %v: has an element %d", in, got)
		}
	}
	l, err := lower.Lower(m, lower.Binding{})
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := l.Outputs[0].Op().(*graph.Const); !ok || c.Value.Bytes()[0] != 0 {
		t.Errorf("as one graph: %v", l.Outputs[0].Op())
	}
}

// TestTextsAreRoundedOnce: a text a little less than halfway between two float32s is
// the lower one, though as a float64 it is halfway, and the even one the higher.
func TestTextsAreRoundedOnce(t *testing.T) {
	b := onnx.NewBuilder("cast")
	x := b.Input("x", onnx.ElemString)
	b.OutputAny(b.AddAs("y", "Cast", []string{x}, onnx.Int("to", 1)), 1)
	m, err := b.Model(13)
	if err != nil {
		t.Fatal(err)
	}
	out, err := runHosts(t, m, map[string]lower.Host{x: lower.StringsHost([]string{"1.00000017881393432617187499"})})
	if err != nil {
		t.Fatal(err)
	}
	if got := math.Float32bits(out["y"].Tensor.Floats()[0]); got != 0x3f800001 {
		t.Errorf("the bits are %#x", got)
	}
}

// TestOperandsLeftOutAtTheEnd: names that are empty stand for no operands.
func TestOperandsLeftOutAtTheEnd(t *testing.T) {
	none := tensor.Tensor{}
	x := tensor.From(tensor.Dims(2), []float32{2, -4})
	y := tensor.From(tensor.Dims(2), []float32{4, 2})
	for op, want := range map[string][]float32{"Add": {6, -2}, "Mean": {3, -1}, "Max": {4, 2}} {
		gives(t, op, 13, []tensor.Tensor{x, y, none}, tensor.From(tensor.Dims(2), want))
	}
	m := calling([]string{"x", ""}, []string{"x"}, []string{"x"}, []string{"y"})
	if out, err := run(t, m, map[string]tensor.Tensor{"x": x}); err != nil || !slices.Equal(out["y"].Floats(), x.Floats()) {
		t.Errorf("a function gives %v, %v", out, err)
	}
}

// TestNoWindowBeginsBehindTheInput: with ceil_mode the windows that would begin in the
// padding at the end are left out, however wide it is.
func TestNoWindowBeginsBehindTheInput(t *testing.T) {
	x := tensor.From(tensor.Dims(1, 1, 2), []float32{5, 7})
	attrs := []onnx.Attr{onnx.Ints("kernel_shape", 1), onnx.Ints("pads", 1, 3), onnx.Int("count_include_pad", 1)}
	gives(t, "AveragePool", 22, []tensor.Tensor{x}, tensor.From(tensor.Dims(1, 1, 3), []float32{0, 5, 7}), append(attrs, onnx.Int("ceil_mode", 1))...)
	gives(t, "AveragePool", 22, []tensor.Tensor{x}, tensor.From(tensor.Dims(1, 1, 6), []float32{0, 5, 7, 0, 0, 0}), attrs...)
}
