package plan_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// numbers is a tensor of n distinct elements.
func numbers(dims ...int) tensor.Tensor {
	x := tensor.New(tensor.F32(dims...))
	for i := range x.Floats() {
		x.Floats()[i] = float32(i)
	}
	return x
}

// turned is a transposition that only the planner knows how to compose.
func turned(x *graph.Node, perm []int) *graph.Node {
	return graph.Apply1(axes{}.WithPermutation(perm), x)
}

// TestLayoutKeepsPlaces: transpositions that do not commute, one behind the
// other and beside constants and broadcasts, leave every element in its place.
func TestLayoutKeepsPlaces(t *testing.T) {
	pool := exec.NewPool(1)
	defer pool.Close()
	rapid.Check(t, func(t *rapid.T) {
		axes := []int{0, 1, 2, 3}
		first := rapid.Permutation(axes).Draw(t, "first")
		second := rapid.Permutation(axes).Draw(t, "second")
		third := rapid.Permutation(axes).Draw(t, "third")
		g := graph.New()
		x := g.Leaf("x", tensor.F32(2, 3, 4, 5))
		row := g.Leaf("row", tensor.F32(x.Shape().Dim(first[3])))
		y := turned(x, first)
		y = ops.Add(y, g.Constant(numbers(y.Shape().Dims()...)))
		y = ops.Sub(ops.BroadcastInDim(row, y.Shape(), 3), ops.Abs(y))
		y = ops.Neg(turned(turned(y, second), third))
		f, err := graph.NewFunc("layout", []*graph.Node{x, row}, []*graph.Node{y})
		if err != nil {
			t.Fatal(err)
		}
		fn, err := exec.Compile(f, pool, plan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		in := []tensor.Tensor{numbers(2, 3, 4, 5), numbers(row.Shape().Dim(0))}
		got, err := fn.Call(t.Context(), in...)
		if err != nil {
			t.Fatal(err)
		}
		want := graph.Eval(f, []tensor.Wide{tensor.Widen(in[0]), tensor.Widen(in[1])})
		if err := near(got, want, 0); err != nil {
			t.Error(err)
		}
	})
}
