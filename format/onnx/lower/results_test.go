package lower_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/conformance"
	"github.com/ihae/ihae/format/onnx/lower"
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
