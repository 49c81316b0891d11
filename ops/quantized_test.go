package ops_test

import (
	"fmt"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
	"pgregory.net/rapid"
)

// bytesOf is a constant of drawn bytes.
func bytesOf(t *rapid.T, g *graph.Graph, d tensor.DType, dims ...int) *graph.Node {
	x := tensor.New(tensor.Type{DType: d, Shape: tensor.Dims(dims...)})
	copy(x.Bytes(), rapid.SliceOfN(rapid.Byte(), len(x.Bytes()), len(x.Bytes())).Draw(t, "bytes"))
	return g.Constant(x)
}

// TestQuantizedDotIsItsDecomposition draws shapes, signs and zero points, and
// holds kernels and the product of converted numbers to the definition.
func TestQuantizedDotIsItsDecomposition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, size := graph.New(), func(name string, most int) int { return rapid.IntRange(1, most).Draw(t, name) }
		m, n, k := size("m", 9), size("n", 80), size("k", 20)
		kind := rapid.SampledFrom([]tensor.DType{tensor.Uint8, tensor.Int8}).Draw(t, "kind")
		z := ops.ZeroPoints{A: rapid.IntRange(-128, 255).Draw(t, "zero a"), B: rapid.IntRange(-2, 2).Draw(t, "zero b")}
		a, b := bytesOf(t, g, kind, m, k), bytesOf(t, g, tensor.Int8, k, n)
		y := ops.QuantizedDot(a, b, z)
		kit(t, y, -128, 128)
		parts := y.Op().(ops.Decomposer).Decompose([]*graph.Node{a, b})[0]
		wantNear(t, values(t, y), values(t, parts), 0)
		scaled := ops.QuantizedLinear(a, b, noise(g, 1, n), nil, z)
		parts = scaled.Op().(ops.Decomposer).Decompose(scaled.In())[0]
		wantNear(t, values(t, scaled), values(t, parts), 1e-9)
		// By a power of two nothing is rounded before the halves are.
		bias := g.Constant(tensor.From(tensor.Dims(n), rapid.SliceOfN(rapid.Int32Range(-9999, 9999), n, n).Draw(t, "bias")))
		to := rapid.SampledFrom([]tensor.DType{tensor.Uint8, tensor.Int8}).Draw(t, "to")
		bytes := ops.QuantizedBytes(a, b, bias, g.Fill(1.0/128, tensor.F32(n)), z, to, rapid.IntRange(-128, 255).Draw(t, "zero"))
		kit(t, bytes, -128, 128)
		parts = bytes.Op().(ops.Decomposer).Decompose(bytes.In())[0]
		wantNear(t, values(t, bytes), values(t, parts), 0)
	})
}

// Weights from -1 to 1 in steps of 1/127 and inputs from 0 to 2 in steps of
// 2/255: (0.502, 2)·(1, -0.504) is -0.506.
func ExampleQuantizedLinear() {
	g := graph.New()
	a := g.Constant(tensor.From(tensor.Dims(1, 2), []uint8{64, 255}))
	b := g.Constant(tensor.From(tensor.Dims(2, 1), []int8{127, -64}))
	scale := g.Fill(2.0/255/127, tensor.F32(1))
	y := ops.QuantizedLinear(a, b, scale, nil, ops.ZeroPoints{})
	f, err := graph.NewFunc("example", nil, []*graph.Node{y})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", graph.Eval(f, nil)[0].F)
	// Output: [-0.506]
}
