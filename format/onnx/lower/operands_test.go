package lower_test

import (
	"errors"
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
