package lower_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// built is the model that a builder holds; its inputs may have any shape.
func built(t *testing.T, b *onnx.Builder, outputs ...string) *onnx.Model {
	t.Helper()
	for _, name := range outputs {
		b.OutputAny(name, onnx.ElemNone)
	}
	m, err := b.Model(17)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Graph.Inputs {
		p.Type = nil
	}
	return m
}

// runHosts runs a model once on values of every kind.
func runHosts(t *testing.T, m *onnx.Model, in map[string]lower.Host) (map[string]lower.Host, error) {
	t.Helper()
	s, err := lower.NewSession(m, lower.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return s.RunHosts(t.Context(), in)
}

// floats is a vector.
func floats(v ...float32) lower.Host { return lower.TensorHost(tensor.From(tensor.Dims(len(v)), v)) }

// whole is one number.
func whole(v int64) lower.Host { return lower.TensorHost(tensor.Scalar(v)) }

// wantFloats fails unless h is a vector of the given numbers.
func wantFloats(t *testing.T, what string, h lower.Host, want ...float32) {
	t.Helper()
	if h.Kind != lower.KindTensor || !slices.Equal(h.Tensor.Floats(), want) {
		t.Errorf("%s is %+v, want %v", what, h, want)
	}
}

// TestSequencesByData: places in sequences, and what lies there, are fed. The same
// session is run for several of them.
func TestSequencesByData(t *testing.T) {
	b := onnx.NewBuilder("by data")
	x, y, at := b.Input("x", onnx.Elem(1)), b.Input("y", onnx.Elem(1)), b.Input("at", onnx.Elem(7))
	two := b.Add("SequenceConstruct", []string{x, b.Add("Neg", []string{x})})
	three := b.Add("SequenceInsert", []string{two, b.Add("Add", []string{x, y}), at})
	b.AddAs("picked", "SequenceAt", []string{three, at})
	b.AddAs("left", "SequenceErase", []string{three, at})
	b.AddAs("length", "SequenceLength", []string{"left"})
	b.AddAs("joined", "ConcatFromSequence", []string{three}, onnx.Int("axis", -1))
	b.AddAs("stacked", "ConcatFromSequence", []string{three}, onnx.Int("axis", -1), onnx.Int("new_axis", 1))
	s, err := lower.NewSession(built(t, b, "picked", "left", "length", "joined", "stacked"), lower.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []struct {
		at, place int64
		joined    []float32
	}{{0, 0, []float32{4, 1, -1}}, {1, 1, []float32{1, 4, -1}}, {-1, 1, []float32{1, 4, -1}}, {2, 2, []float32{1, -1, 4}}, {0, 0, []float32{4, 1, -1}}} {
		out, err := s.RunHosts(t.Context(), map[string]lower.Host{"x": floats(1), "y": floats(3), "at": whole(c.at)})
		if err != nil {
			t.Fatal(err)
		}
		place := c.at // counted in the longer sequence
		if place < 0 {
			place += 3
		}
		wantFloats(t, "what is picked", out["picked"], c.joined[place])
		wantFloats(t, "what is joined", out["joined"], c.joined...)
		if got := out["stacked"].Tensor.Shape(); got != tensor.Dims(1, 3) {
			t.Errorf("stacked along the last new axis: %v", got)
		}
		left := slices.Delete(slices.Clone(c.joined), int(place), int(place)+1)
		for i, item := range out["left"].Items {
			wantFloats(t, "what is left", item, left[i])
		}
		if n := tensor.Of[int64](out["length"].Tensor)[0]; n != 2 || len(out["left"].Items) != 2 {
			t.Errorf("%d are left", n)
		}
	}
	if _, err := s.RunHosts(t.Context(), map[string]lower.Host{"x": floats(1), "y": floats(3), "at": whole(3)}); err == nil || !strings.Contains(err.Error(), "position 3") {
		t.Errorf("a place beyond the end: %v", err)
	}
}

// TestSplitsByData: the sizes of parts are fed.
func TestSplitsByData(t *testing.T) {
	b := onnx.NewBuilder("split")
	b.AddAs("parts", "SplitToSequence", []string{b.Input("x", onnx.Elem(1)), b.Input("sizes", onnx.Elem(7))}, onnx.Int("axis", -1))
	m := built(t, b, "parts")
	x := lower.TensorHost(tensor.From(tensor.Dims(1, 5), []float32{0, 1, 2, 3, 4}))
	for _, c := range []struct {
		sizes lower.Host
		want  [][]float32
	}{
		{whole(2), [][]float32{{0, 1}, {2, 3}, {4}}},
		{lower.TensorHost(numbers(1, 0, 4)), [][]float32{{0}, {}, {1, 2, 3, 4}}},
		{lower.TensorHost(numbers(1, 5)), nil},
		{lower.TensorHost(numbers(6, -1)), nil},
		{lower.TensorHost(numbers(1, 2)), nil},
		{whole(0), nil},
	} {
		out, err := runHosts(t, m, map[string]lower.Host{"x": x, "sizes": c.sizes})
		if c.want == nil {
			if err == nil || !strings.Contains(err.Error(), "parts of size") {
				t.Errorf("sizes %v: %v", c.sizes.Tensor.Bytes(), err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range out["parts"].Items {
			wantFloats(t, "a part", p, c.want[i]...)
		}
	}
}

// TestSequencesOfTexts: texts are split, picked and joined.
func TestSequencesOfTexts(t *testing.T) {
	b := onnx.NewBuilder("texts")
	parts := b.Add("SplitToSequence", []string{b.Input("x", onnx.ElemString), b.Ints("sizes", 1, 2)})
	last := b.Add("SequenceAt", []string{parts, b.Ints("last", -1)})
	b.AddAs("y", "ConcatFromSequence", []string{b.Add("SequenceInsert", []string{parts, last, b.Ints("first", 0)})}, onnx.Int("axis", 0))
	out, err := runHosts(t, built(t, b, "y", last), map[string]lower.Host{"x": lower.StringsHost([]string{"a", "b", "c"}, 3)})
	if err != nil {
		t.Fatal(err)
	}
	if y := out["y"]; !slices.Equal(y.Strings, []string{"b", "c", "a", "b", "c"}) || !slices.Equal(y.Dims, []int{5}) {
		t.Errorf("joined %q%v", y.Strings, y.Dims)
	}
}

// TestSequenceMapByData: the body's results have shapes that depend on data, and
// one operand is the same for all elements.
func TestSequenceMapByData(t *testing.T) {
	b := onnx.NewBuilder("map")
	in := b.Input("x", onnx.Elem(1))
	body := b.Body("body")
	item, extra := body.Input("item", onnx.Elem(1)), body.Input("extra", onnx.Elem(1))
	flat := body.Add("Reshape", []string{body.Add("NonZero", []string{item}), body.Ints("all", -1)})
	body.OutputAny(flat, onnx.ElemNone)
	body.OutputAny(body.Add("Mul", []string{item, extra}), onnx.ElemNone)
	g, err := body.Graph()
	if err != nil {
		t.Fatal(err)
	}
	parts := b.Add("SplitToSequence", []string{in, b.Init("size", tensor.Scalar(int64(2)))})
	outs := b.AddNode(&onnx.Node{Op: "SequenceMap", In: []string{parts, in}, Attrs: []onnx.Attr{onnx.GraphAttr("body", g)}}, 2)
	out, err := runHosts(t, built(t, b, outs...), map[string]lower.Host{"x": floats(0, 5, 7, 2)})
	if err == nil || !strings.Contains(err.Error(), "broadcast") {
		t.Fatalf("a row of 2 times one of 4: %v, %v", out, err)
	}
	b2 := onnx.NewBuilder("scale")
	scale := b2.Input("scale", onnx.Elem(1))
	parts = b2.Add("SplitToSequence", []string{b2.Input("x", onnx.Elem(1)), b2.Init("size", tensor.Scalar(int64(2)))})
	outs = b2.AddNode(&onnx.Node{Op: "SequenceMap", In: []string{parts, scale}, Attrs: []onnx.Attr{onnx.GraphAttr("body", g)}}, 2)
	out, err = runHosts(t, built(t, b2, outs...), map[string]lower.Host{"x": floats(0, 5, 7, 2), "scale": floats(10)})
	if err != nil {
		t.Fatal(err)
	}
	places, scaled := out[outs[0]].Items, out[outs[1]].Items
	if len(places) != 2 || !slices.Equal(tensor.Of[int64](places[0].Tensor), []int64{1}) || !slices.Equal(tensor.Of[int64](places[1].Tensor), []int64{0, 1}) {
		t.Errorf("places of what is not 0: %+v", places)
	}
	wantFloats(t, "the first row", scaled[0], 0, 50)
	wantFloats(t, "the second row", scaled[1], 70, 20)
}

// TestSequencesRefused: what is not there, or of another kind.
func TestSequencesRefused(t *testing.T) {
	x := map[string]lower.Host{"x": floats(1, 2)}
	for _, c := range []struct {
		want string
		add  func(b *onnx.Builder) string
	}{
		{"no sequence", func(b *onnx.Builder) string { return b.Add("SequenceAt", []string{"x", b.Ints("i", 0)}) }},
		{"no sequence", func(b *onnx.Builder) string { return b.Add("SequenceLength", []string{"x"}) }},
		{"empty sequence", func(b *onnx.Builder) string {
			return b.Add("ConcatFromSequence", []string{b.Add("SequenceEmpty", nil)}, onnx.Int("axis", 0))
		}},
		{"empty sequence", func(b *onnx.Builder) string {
			return b.Add("SequenceErase", []string{b.Add("SequenceEmpty", nil)})
		}},
		{"position 0", func(b *onnx.Builder) string {
			return b.Add("SequenceAt", []string{b.Add("SequenceEmpty", nil), b.Ints("i", 0)})
		}},
		{"operand 1 is missing", func(b *onnx.Builder) string {
			return b.Add("SequenceAt", []string{b.Add("SequenceConstruct", []string{"x"})})
		}},
		{"axis 2", func(b *onnx.Builder) string {
			return b.Add("ConcatFromSequence", []string{b.Add("SequenceConstruct", []string{"x"})}, onnx.Int("axis", 2), onnx.Int("new_axis", 1))
		}},
		{"the first", func(b *onnx.Builder) string {
			two := b.Add("SequenceConstruct", []string{"x", b.Scalar("s", 1)})
			return b.Add("ConcatFromSequence", []string{two}, onnx.Int("axis", 1), onnx.Int("new_axis", 1))
		}},
		{"want a tensor", func(b *onnx.Builder) string {
			return b.Add("Neg", []string{b.Add("SequenceConstruct", []string{"x"})})
		}},
		{"optional is empty", func(b *onnx.Builder) string {
			return b.Add("OptionalGetElement", []string{b.Add("Optional", nil)})
		}},
		{"axis 1", func(b *onnx.Builder) string { return b.Add("SplitToSequence", []string{"x"}, onnx.Int("axis", 1)) }},
	} {
		b := onnx.NewBuilder("refused")
		b.Input("x", onnx.Elem(1))
		_, err := runHosts(t, built(t, b, c.add(b)), x)
		var at *lower.NodeError
		if !errors.As(err, &at) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}

// TestSequencesInOneGraph: where nothing about a sequence depends on data, a model
// with sequences is one graph of static shapes.
func TestSequencesInOneGraph(t *testing.T) {
	b := onnx.NewBuilder("static")
	parts := b.Add("SplitToSequence", []string{b.Input("x", onnx.Elem(1))}, onnx.Int("keepdims", 0))
	first := b.Add("SequenceAt", []string{parts, b.Ints("i", 0)})
	b.AddAs("y", "Add", []string{first, b.Add("SequenceAt", []string{parts, b.Ints("j", -1)})})
	x, err := lower.Lower(built(t, b, "y"), lower.Binding{Types: map[string]tensor.Type{"x": tensor.F32(3, 2)}})
	if err != nil {
		t.Fatal(err)
	}
	if got := x.Outputs[0].Type(); got != tensor.F32(2) {
		t.Errorf("the result is %v", got)
	}
}
