package export_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/export"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// batched is a model of f of x [N 4] for any N.
func batched(f func(x *graph.Node, n int) *graph.Node) (*onnx.Model, error) {
	return export.Batched(func(n int) (*graph.Func, export.Spec, error) {
		g := graph.New()
		x := g.Leaf("x", tensor.F32(n, 4))
		fn, err := graph.NewFunc("f", []*graph.Node{x}, []*graph.Node{f(x, n)})
		return fn, export.Spec{Name: "f", Outputs: []string{"y"}}, err
	})
}

// counting is 0, 1, 2 … in [n 4].
func counting(n int) tensor.Tensor {
	x := tensor.New(tensor.F32(n, 4))
	for i := range x.Floats() {
		x.Floats()[i] = float32(i)
	}
	return x
}

// sum adds up.
func sum(list []float32) (s float32) {
	for _, v := range list {
		s += v
	}
	return s
}

// anyBatch is functions whose sizes depend on the batch in several ways, and what they
// are by hand.
var anyBatch = []struct {
	name string
	f    func(x *graph.Node, n int) *graph.Node
	want func(x []float32, n int) []float32
}{
	{"all but the last example", func(x *graph.Node, n int) *graph.Node {
		return ops.Slice(x, []int{0, 0}, []int{n - 1, 4}, nil)
	}, func(x []float32, _ int) []float32 { return x[:len(x)-4] }},
	{"in halves", func(x *graph.Node, n int) *graph.Node {
		return ops.ReduceSum(ops.Reshape(x, tensor.Dims(2*n, 2)), 1)
	}, func(x []float32, _ int) (y []float32) {
		for p := range slices.Chunk(x, 2) {
			y = append(y, sum(p))
		}
		return y
	}},
	{"by another layout", func(x *graph.Node, n int) *graph.Node {
		return ops.Reshape(ops.Transpose(ops.Reshape(x, tensor.Dims(n, 2, 2)), 1, 0, 2), tensor.Dims(2*n, 2))
	}, func(x []float32, _ int) (y []float32) {
		for half := range 2 {
			for p := range slices.Chunk(x, 4) {
				y = append(y, p[2*half:2*half+2]...)
			}
		}
		return y
	}},
	{"a loop over features with the batch as its state", func(x *graph.Node, n int) *graph.Node {
		zero := x.Graph().Fill(0, tensor.F32(n))
		last, _ := ops.ScanOf([]*graph.Node{zero}, []*graph.Node{ops.Transpose(x)}, ops.Loop{}, func(s, x []*graph.Node) (next, ys []*graph.Node) {
			return []*graph.Node{ops.Add(ops.Scale(s[0], 2), x[0])}, nil
		})
		return last[0]
	}, func(x []float32, _ int) (y []float32) {
		for p := range slices.Chunk(x, 4) {
			y = append(y, 8*p[0]+4*p[1]+2*p[2]+p[3])
		}
		return y
	}},
	{"with a constant that is the batch", func(x *graph.Node, n int) *graph.Node {
		size := x.Graph().Constant(tensor.From(tensor.Dims(1), []int64{int64(n)}))
		return ops.Add(x, ops.BroadcastInDim(ops.Convert(ops.Reshape(size, tensor.Dims()), tensor.Float32), x.Shape()))
	}, func(x []float32, n int) (y []float32) {
		for _, v := range x {
			y = append(y, v+float32(n))
		}
		return y
	}},
	{"repeated twice", func(x *graph.Node, n int) *graph.Node {
		return ops.BroadcastInDim(x, tensor.Dims(2, n, 4), 1, 2)
	}, func(x []float32, _ int) []float32 { return append(slices.Clone(x), x...) }},
}

// TestAnyBatch compares them, written for any batch, with that.
func TestAnyBatch(t *testing.T) {
	for _, c := range anyBatch {
		t.Run(c.name, func(t *testing.T) {
			m, err := batched(c.f)
			if err != nil {
				t.Fatal(err)
			}
			if in := m.Graph.Inputs[0].Type.String(); in != "float32[N 4]" {
				t.Errorf("the input is %s", in)
			}
			s, err := lower.NewSession(m, lower.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range batches {
				x := counting(n)
				out, err := s.Run(context.Background(), map[string]tensor.Tensor{"x": x})
				if err != nil {
					t.Fatal(err)
				}
				if got, want := out["y"].Floats(), c.want(x.Floats(), n); !slices.Equal(got, want) {
					t.Errorf("batch %d gives %v, want %v", n, got, want)
				}
			}
		})
	}
}

// TestWhatDependsOnTheBatchOtherwise is refused, and the place is named.
func TestWhatDependsOnTheBatchOtherwise(t *testing.T) {
	for _, c := range []struct {
		f    func(x *graph.Node, n int) *graph.Node
		want string
	}{
		{func(x *graph.Node, n int) *graph.Node { return ops.Scale(x, 1/float64(n)) }, "a constant of float32[] depends on the batch"},
		{func(x *graph.Node, n int) *graph.Node {
			return ops.Slice(x, []int{0, 0}, []int{n * n % 7, 4}, nil)
		}, "number 0 of a constant is [4 1 2] for batches of [37 41 53]"},
		{func(x *graph.Node, n int) *graph.Node {
			return ops.Reshape(ops.DotGeneral(x, x, ops.DotDims{ContractA: ops.List(1), ContractB: ops.List(1)}), tensor.Dims(n*n, 1))
		}, "number 0 of a constant is [1369 1681 2809] for batches of [37 41 53]"},
		{func(x *graph.Node, n int) *graph.Node {
			for range n {
				x = ops.Tanh(x)
			}
			return x
		}, "37 nodes at one size and 41 at another"},
	} {
		if _, err := batched(c.f); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// TestTheBatchIsThatOfItsInput: an input with twice the batch stands before the one
// that sizes are computed from.
func TestTheBatchIsThatOfItsInput(t *testing.T) {
	m, err := export.Batched(func(n int) (*graph.Func, export.Spec, error) {
		g := graph.New()
		pairs, x := g.Leaf("pairs", tensor.F32(2*n)), g.Leaf("x", tensor.F32(n, 4))
		y := ops.Slice(x, []int{0, 0}, []int{n - 1, 4}, nil)
		fn, err := graph.NewFunc("f", []*graph.Node{pairs, x}, []*graph.Node{y, ops.Tanh(pairs)})
		return fn, export.Spec{Name: "f", Outputs: []string{"y", "z"}}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if in := m.Graph.Inputs[0].Type.String(); in != "float32[?]" {
		t.Errorf("twice the batch is %s", in)
	}
	s, err := lower.NewSession(m, lower.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x := counting(3)
	out, err := s.Run(context.Background(), map[string]tensor.Tensor{"x": x, "pairs": tensor.New(tensor.F32(6))})
	if err != nil {
		t.Fatal(err)
	}
	if got := out["y"].Floats(); !slices.Equal(got, x.Floats()[:8]) {
		t.Errorf("all but the last example are %v", got)
	}
}
