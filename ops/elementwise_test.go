package ops_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

func ExampleAdd() {
	g := graph.New()
	x := g.Constant(tensor.From(tensor.Dims(2, 2), []float32{1, 2, 3, 4}))
	row := g.Constant(tensor.From(tensor.Dims(2), []float32{10, 20}))
	f, err := graph.NewFunc("f", nil, []*graph.Node{ops.Add(x, row)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(graph.Eval(f, nil)[0].F)
	// Output: [11 22 13 24]
}

// whole computes op on two integers of type d.
func whole(t *testing.T, op func(a, b *graph.Node) *graph.Node, d tensor.DType, a, b int64) int64 {
	t.Helper()
	g := graph.New()
	typ := tensor.Type{DType: d}
	x, y := g.Leaf("x", typ), g.Leaf("y", typ)
	f, err := graph.NewFunc("f", []*graph.Node{x, y}, []*graph.Node{op(x, y)})
	if err != nil {
		t.Fatal(err)
	}
	return graph.Eval(f, []tensor.Wide{{Type: typ, I: []int64{a}}, {Type: typ, I: []int64{b}}})[0].I[0]
}

// TestIntegers holds integer arithmetic to two's complement: uint64 by its bits,
// division by zero without a panic, shifts past the end.
func TestIntegers(t *testing.T) {
	for _, c := range []struct {
		name       string
		op         func(a, b *graph.Node) *graph.Node
		d          tensor.DType
		a, b, want int64
	}{
		{"add", ops.Add, tensor.Int8, 127, 1, -128},
		{"mul", ops.Mul, tensor.Uint8, 16, 17, 16},
		{"div", ops.Div, tensor.Uint64, -1, 2, math.MaxInt64},
		{"div", ops.Div, tensor.Int8, -128, -1, -128},
		{"div", ops.Div, tensor.Uint16, 5, 0, 65535},
		{"div", ops.Div, tensor.Int32, -7, 2, -3},
		{"rem", ops.Rem, tensor.Int32, -7, 2, -1},
		{"rem", ops.Rem, tensor.Uint64, -1, 10, 5},
		{"max", ops.Max, tensor.Uint64, -1, 1, -1},
		{"min", ops.Min, tensor.Int64, -1, 1, -1},
		{"lt", ops.Lt, tensor.Uint64, -1, 1, 0},
		{"lt", ops.Lt, tensor.Int64, -1, 1, 1},
		{"shift", ops.ShiftLeft, tensor.Int8, 1, 7, -128},
		{"shift", ops.ShiftLeft, tensor.Uint64, 1, 64, 0},
		{"shift", ops.ShiftRight, tensor.Int8, -128, 99, -1},
		{"shift", ops.ShiftRight, tensor.Uint64, -1, 63, 1},
		{"xor", ops.Xor, tensor.Uint8, 5, 6, 3},
	} {
		if got := whole(t, c.op, c.d, c.a, c.b); got != c.want {
			t.Errorf("%s of %v: %d and %d give %d, want %d", c.name, c.d, c.a, c.b, got, c.want)
		}
	}
}

// TestActivations holds activations to values worked out from their papers.
func TestActivations(t *testing.T) {
	for _, c := range []struct {
		name    string
		f       func(*graph.Node) *graph.Node
		x, want float64
	}{
		{"gelu", ops.GELU, 1, 0.8413447460685429},
		{"gelu tanh", ops.GELUTanh, 1, 0.8411919906082768},
		{"silu", ops.SiLU, 1, 0.7310585786300049},
		{"mish", ops.Mish, 1, 0.8650983882673103},
		{"selu", ops.SELU, -1, -1.1113307378125628},
		{"hard swish", ops.HardSwish, 1, 2.0 / 3},
		{"softplus", ops.Softplus, 0, math.Ln2},
		{"relu6", ops.ReLU6, 7, 6},
	} {
		g := graph.New()
		x := g.Leaf("x", tensor.F32())
		f, err := graph.NewFunc("f", []*graph.Node{x}, []*graph.Node{c.f(x)})
		if err != nil {
			t.Fatal(err)
		}
		got := graph.Eval(f, []tensor.Wide{{Type: x.Type(), F: []float64{c.x}}})[0].F[0]
		if math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s(%v) = %.16g, want %.16g", c.name, c.x, got, c.want)
		}
	}
}

// TestRandomUniform holds element 5 of a stream to its block.
func TestRandomUniform(t *testing.T) {
	g := graph.New()
	key := g.Leaf("key", tensor.Type{DType: tensor.Uint32, Shape: tensor.Dims(2)})
	f, err := graph.NewFunc("f", []*graph.Node{key}, []*graph.Node{ops.RandomUniform(key, 3<<32|9, tensor.F32(7))})
	if err != nil {
		t.Fatal(err)
	}
	got := graph.Eval(f, []tensor.Wide{{Type: key.Type(), I: []int64{1, 2}}})[0].F[5]
	word := rng.Philox([2]uint32{1, 2}, [4]uint32{1, 0, 9, 3})[1]
	if want := float64(word>>8) / (1 << 24); got != want {
		t.Errorf("%v, want %v", got, want)
	}
}
