package ops_test

import (
	"slices"
	"testing"
	"unsafe"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// TestDynamicSliceMovesInside: a part that would reach outside is moved inside,
// and one at a constant place is the same.
func TestDynamicSliceMovesInside(t *testing.T) {
	x := tensor.From(tensor.Dims(3, 4), []float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	for _, c := range []struct {
		start []int32
		want  []float32
	}{
		{[]int32{1, 1}, []float32{5, 6, 9, 10}},
		{[]int32{-7, 9}, []float32{2, 3, 6, 7}},
		{[]int32{1 << 30, -1 << 30}, []float32{4, 5, 8, 9}},
	} {
		start := tensor.From(tensor.Dims(2), c.start)
		g := graph.New()
		leaves := []*graph.Node{g.Leaf("x", x.Type()), g.Leaf("start", start.Type())}
		got := ranThreads(t, leaves, ops.DynamicSlice(leaves[0], leaves[1], 2, 2), x, start).Floats()
		known := ranThreads(t, leaves[:1], ops.DynamicSlice(leaves[0], g.Constant(start), 2, 2), x).Floats()
		if !slices.Equal(got, c.want) || !slices.Equal(known, c.want) {
			t.Errorf("%v: %v and %v, want %v", c.start, got, known, c.want)
		}
	}
}

// TestDynamicUpdateSliceWritesInPlace: a donated operand is written where it lies
// and only in the part.
func TestDynamicUpdateSliceWritesInPlace(t *testing.T) {
	g := graph.New()
	x, u := g.Leaf("x", tensor.F32(4, 3)), g.Leaf("u", tensor.F32(1, 3))
	start := g.Leaf("start", tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(2)})
	f, err := graph.NewFunc("put", []*graph.Node{x, u, start}, []*graph.Node{ops.DynamicUpdateSlice(x, u, start)})
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Compile(f, plan.Options{Donate: [][2]int{{0, 0}}})
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(1)
	defer pool.Close()
	m := exec.NewMachine(p, pool)
	cache := tensor.New(x.Type())
	for step := range int32(3) {
		row := tensor.From(tensor.Dims(1, 3), []float32{1, 2, float32(step)})
		out, err := m.Run(t.Context(), []tensor.Tensor{cache, row, tensor.From(tensor.Dims(2), []int32{step, 0})})
		if err != nil {
			t.Fatal(err)
		}
		if unsafe.SliceData(out[0].Bytes()) != unsafe.SliceData(cache.Bytes()) {
			t.Fatal("the result lies elsewhere")
		}
	}
	if want := []float32{1, 2, 0, 1, 2, 1, 1, 2, 2, 0, 0, 0}; !slices.Equal(cache.Floats(), want) {
		t.Errorf("%v, want %v", cache.Floats(), want)
	}
}

// TestOneHot marks places; a number that is none gives zeros.
func TestOneHot(t *testing.T) {
	g := graph.New()
	ids := g.Constant(tensor.From(tensor.Dims(2, 2), []int32{2, 0, -1, 3}))
	wantNear(t, values(t, ops.OneHot(ids, 3, tensor.Float32)), []float64{0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0}, 0)
}

// TestTriangles keeps the two parts of a matrix, which overlap on the diagonal.
func TestTriangles(t *testing.T) {
	g := graph.New()
	x := g.Constant(tensor.From(tensor.Dims(1, 2, 3), []float32{1, 2, 3, 4, 5, 6}))
	wantNear(t, values(t, ops.Tril(x, 0)), []float64{1, 0, 0, 4, 5, 0}, 0)
	wantNear(t, values(t, ops.Tril(x, 1)), []float64{1, 2, 0, 4, 5, 6}, 0)
	wantNear(t, values(t, ops.Triu(x, 0)), []float64{1, 2, 3, 0, 5, 6}, 0)
	wantNear(t, values(t, ops.Triu(x, -1)), []float64{1, 2, 3, 4, 5, 6}, 0)
	wantNear(t, values(t, ops.Triu(x, 2)), []float64{0, 0, 3, 0, 0, 0}, 0)
}
