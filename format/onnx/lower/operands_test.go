package lower_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// TestOperandsThatAreNoTensors: every operator either computes or refuses operands
// that are left out, sequences, texts, optionals and tensors without elements.
func TestOperandsThatAreNoTensors(t *testing.T) {
	refused := func(op lower.Operator, in ...string) (err error) {
		b := onnx.NewBuilder(op.Name)
		b.Init("x", tensor.From(tensor.Dims(2), []float32{1, 2}))
		b.Init("empty", tensor.New(tensor.F32(0, 2)))
		b.Init("one", tensor.Scalar(int64(0)))
		b.AddAs("text", "Constant", nil, onnx.Strings("value_strings", "a", "b"))
		b.AddAs("list", "SequenceConstruct", []string{"x"})
		b.AddAs("none", "Optional", nil)
		y := b.AddNode(&onnx.Node{Op: op.Name, Domain: op.Domain, In: in, Attrs: plainAttributes}, 1)
		b.OutputAny(y[0], onnx.ElemNone)
		m, err := b.Model(21)
		if err != nil {
			t.Fatal(err)
		}
		m.Opsets = append(m.Opsets, onnx.Opset{Domain: op.Domain, Version: op.Since[len(op.Since)-1]})
		s, err := lower.NewSession(m, lower.Options{MaxElements: 1 << 16})
		if err != nil {
			return err
		}
		defer s.Close()
		_, err = s.RunHosts(t.Context(), nil)
		return err
	}
	for _, op := range lower.Operators() {
		for _, in := range [][]string{
			nil, {"", "", ""}, {"list", "list", "list"}, {"text", "text"}, {"none"}, {"x", "list"},
			{"empty", "empty", "empty"}, {"one", "one", "one", "one"},
		} {
			err := refused(op, in...)
			var at *lower.NodeError
			if err != nil && !(errors.As(err, &at) && strings.Contains(err.Error(), op.Name)) {
				t.Errorf("%s of %q: %v", op.Name, in, err)
			}
		}
	}
}

// plainAttributes is those without which operators of texts and classes refuse all.
var plainAttributes = []onnx.Attr{
	onnx.String("mode", "TF"), onnx.Ints("keys_int64s", 1), onnx.Ints("values_int64s", 2), onnx.Ints("cats_int64s", 1),
}

// TestShapesThatOverflow: operands that may have any size, since they have no elements
// or since nothing was computed yet, and what would be made of them.
func TestShapesThatOverflow(t *testing.T) {
	none, f := tensor.F32(2, 3, 0), tensor.F32
	heads := onnx.Int("q_num_heads", math.MaxInt64)
	for _, c := range []struct {
		op    string
		in    []any
		attrs []onnx.Attr
	}{
		{"Attention", []any{none, none, none}, []onnx.Attr{heads, onnx.Int("kv_num_heads", 1)}},
		{"LinearAttention", []any{none, none, none}, []onnx.Attr{heads, onnx.Int("kv_num_heads", 1), onnx.String("update_rule", "linear")}},
		{"RotaryEmbedding", []any{none, f(2, 3, 0), f(2, 3, 0)}, []onnx.Attr{onnx.Int("num_heads", math.MaxInt64)}},
		{"RoiAlign", []any{f(1, 1, 2, 2), f(1<<32, 4), ints64(1 << 32)}, []onnx.Attr{onnx.Int("output_height", 1<<30), onnx.Int("sampling_ratio", 1)}},
		{"RNN", []any{f(0, 1<<40, 0), f(1, 1<<17, 0), f(1, 1<<17, 1<<17)}, nil},
	} {
		types := map[string]tensor.Type{}
		for i, x := range c.in {
			types[string(rune('a'+i))] = x.(tensor.Type)
		}
		_, err := lower.Lower(oneNode(t, c.op, 27, c.in, c.attrs...), lower.Binding{Types: types})
		var at *lower.NodeError
		if !errors.As(err, &at) || !strings.Contains(err.Error(), c.op) {
			t.Errorf("%s of %v: %v", c.op, c.in, err)
		}
	}
}
