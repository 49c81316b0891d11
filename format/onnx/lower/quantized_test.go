package lower_test

import (
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// TestQuantizedProducts: products of bytes become the product that has fast code;
// convolutions with known weights become as few exact ones in float32 as can be.
func TestQuantizedProducts(t *testing.T) {
	want := map[string]string{ // operations by name, in order
		"matmul-known": "quantized-dot", "matmul-columns": "quantized-dot", "conv-pointwise": "quantized-dot",
		"qlinearconv-known": "conv", "qlinearconv-depthwise": "conv", "conv-far-sums": "conv conv conv conv conv",
		"qlinearconv-pointwise": "quantized-dot", "conv-groups": "conv", "matmul-batch": "dot-general",
	}
	for _, c := range recordedCases(t, "testdata/quantized.json.gz") {
		ops, listed := want[c.Name]
		if !listed {
			continue
		}
		delete(want, c.Name)
		m, in, _ := c.load(t)
		b := lower.Binding{Types: map[string]tensor.Type{}}
		for name, h := range in {
			b.Types[name] = h.Tensor.Type()
		}
		x, err := lower.Lower(m, b)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range graph.Reachable(x.Outputs) {
			switch name := n.Op().Name(); name {
			case "conv", "quantized-dot", "dot-general", "matmul":
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != ops {
			t.Errorf("%s has %q, want %q", c.Name, got, ops)
		}
	}
	for name := range want {
		t.Errorf("there is no case %s", name)
	}
}

// TestQuantizationRefused: scales, zero points and types that do not fit.
func TestQuantizationRefused(t *testing.T) {
	of := func(d tensor.DType, dims ...int) tensor.Type {
		return tensor.Type{DType: d, Shape: tensor.Dims(dims...)}
	}
	x, u8 := tensor.F32(2, 4, 3), tensor.Uint8
	quantize := func(want string, attrs ...onnx.Attr) refusal {
		return refusal{"QuantizeLinear", 21, []tensor.Type{x, tensor.F32(2, 2, 3), of(u8, 2, 2, 3)}, attrs, want}
	}
	refuse(t, []refusal{
		{"QuantizeLinear", 13, []tensor.Type{x, tensor.F32(3), of(u8, 3)}, nil, "want one element or [4]"},
		{"QuantizeLinear", 13, []tensor.Type{x, tensor.F32(4), of(u8, 4)}, []onnx.Attr{onnx.Int("axis", 3)}, "axis 3"},
		{"QuantizeLinear", 13, []tensor.Type{x, tensor.F32(), of(tensor.Int32)}, nil, "no type to quantize to"},
		quantize("want one element"),
		quantize("blocks of 3", onnx.Int("block_size", 3), onnx.Int("axis", 0)),
		quantize("blocks of -2", onnx.Int("block_size", -2)),
		quantize("output_dtype", onnx.Int("block_size", 2), onnx.Int("output_dtype", 3)),
		{"DequantizeLinear", 13, []tensor.Type{of(u8, 2, 3), tensor.F32(2)}, nil, "want one element or [3]"},
		{"MatMulInteger", 10, []tensor.Type{of(u8, 2, 3), of(tensor.Int32, 3, 2)}, nil, "uint8 or int8"},
		{"MatMulInteger", 10, []tensor.Type{of(u8, 2, 3), of(u8, 2, 2)}, nil, "[2 3]"},
		{"ConvInteger", 10, []tensor.Type{of(u8, 1, 2, 4, 4), of(u8, 1, 3, 2, 2)}, nil, "channels"},
		{"ConvInteger", 10, []tensor.Type{of(u8, 1, 2, 4, 4), of(u8, 1, 2, 2)}, nil, "[N C spatial…]"},
	})
}

// TestSmallScales: scales of float16 whose product float16 does not have. 127·127 times
// 3/8192, the scale of each, is 5.9.
func TestSmallScales(t *testing.T) {
	scale := tensor.Wide{Type: tensor.Type{DType: tensor.Float16}, F: []float64{3.0 / 8192}}.Narrow()
	zero := tensor.Scalar(int8(0))
	a := tensor.From(tensor.Dims(1, 1), []int8{127})
	m := oneNode(t, "QLinearMatMul", 21, []any{a.Type(), scale, zero, a.Type(), scale, zero, scale, zero})
	y, err := run(t, m, map[string]tensor.Tensor{"a": a, "d": a})
	if err != nil {
		t.Fatal(err)
	}
	if got := tensor.Of[int8](y["QLinearMatMul"]); got[0] != 6 {
		t.Errorf("the product is %d, want 6", got[0])
	}
}
