package lower

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// quantizedConv is a convolution of 3 taps between bytes: x and y in steps of half
// and of one, filters in steps of a quarter.
func quantizedConv(biasStep float32) *onnx.Builder {
	b := onnx.NewBuilder("bytes")
	x := b.Input("x", 2, 1, 1, 6)
	zero, signed := b.Init("zero", tensor.Scalar(uint8(2))), b.Init("signed", tensor.Scalar(int8(0)))
	step := b.Init("step", tensor.Scalar(float32(0.5)))
	quarter := b.Init("quarter", tensor.Scalar(float32(0.25)))
	w := b.Init("w", tensor.From(tensor.Dims(1, 1, 3), []int8{3, -5, 7}))
	bias := b.Init("bias", tensor.From(tensor.Dims(1), []int32{9}))
	b.AddAs("conv", "Conv", []string{
		b.Add("DequantizeLinear", []string{x, step, zero}), b.Add("DequantizeLinear", []string{w, quarter, signed}),
		b.Add("DequantizeLinear", []string{bias, b.Init("bias step", tensor.Scalar(biasStep))}),
	})
	b.AddAs("y", "QuantizeLinear", []string{"conv", b.Init("one", tensor.Scalar(float32(1))), zero})
	b.Output("y", 2, 1, 1, 4)
	return b
}

// TestQuantizedConvolutionsAreOfWholeNumbers looks at which models are changed, and
// computes by hand: halves go to even numbers, and results end at 0 and 255.
func TestQuantizedConvolutionsAreOfWholeNumbers(t *testing.T) {
	in := []uint8{2, 6, 200, 1, 0, 255}
	var want []uint8
	for i := range 4 {
		sum := 9
		for k, w := range []int{3, -5, 7} {
			sum += (int(in[i+k]) - 2) * w
		}
		want = append(want, uint8(max(0, min(255, math.RoundToEven(float64(sum)/8)+2))))
	}
	for name, c := range map[string]struct {
		step    float32
		outputs []string
		changed bool
	}{
		"as tools write it":       {0.125, nil, true},
		"a bias in other steps":   {0.25, nil, false},
		"the result is asked for": {0.125, []string{"y", "conv"}, false},
	} {
		m, err := quantizedConv(c.step).Model(13)
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewSession(m, Options{Outputs: c.outputs})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		ops := ""
		for _, n := range s.whole.Graph.Nodes {
			ops += n.Op + " "
		}
		if changed := ops == "QLinearConv "; changed != c.changed {
			t.Errorf("%s: it runs %s", name, ops)
		}
		if len(m.Graph.Nodes) != 5 {
			t.Errorf("%s: the model itself has %d nodes", name, len(m.Graph.Nodes))
		}
		out, err := s.Run(t.Context(), map[string]tensor.Tensor{"x": tensor.From(tensor.Dims(1, 1, 6), in)})
		if err != nil {
			t.Fatal(err)
		}
		if got := tensor.Of[uint8](out["y"]); c.step == 0.125 && !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, fmt.Sprint(got), want)
		}
	}
}
