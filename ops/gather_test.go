package ops_test

import (
	"slices"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// ranThreads runs the graph of y on each of several numbers of threads and asks
// for the same bits.
func ranThreads(t *testing.T, leaves []*graph.Node, y *graph.Node, in ...tensor.Tensor) tensor.Tensor {
	t.Helper()
	f, err := graph.NewFunc("test", leaves, []*graph.Node{y})
	if err != nil {
		t.Fatal(err)
	}
	var first tensor.Tensor
	for _, threads := range []int{1, 2, 3} {
		pool := exec.NewPool(threads)
		defer pool.Close()
		fn, err := exec.Compile(f, pool, plan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		out, err := fn.Call(t.Context(), in...)
		if err != nil {
			t.Fatal(err)
		}
		if threads == 1 {
			first = out[0]
		} else if !slices.Equal(first.Bytes(), out[0].Bytes()) {
			t.Fatalf("%d threads give other bits", threads)
		}
	}
	return first
}

// draws is random numbers and random ids below limit.
func draws(seed uint64, s tensor.Shape) tensor.Tensor {
	x := tensor.New(tensor.Type{DType: tensor.Float32, Shape: s})
	rng.New(seed).Normal(x.Floats(), 0, 1)
	return x
}

func drawIDs(seed uint64, limit int, dims ...int) tensor.Tensor {
	ids := tensor.New(tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(dims...)})
	r := rng.New(seed).Rand()
	for i := range tensor.Of[int32](ids) {
		tensor.Of[int32](ids)[i] = int32(r.IntN(limit))
	}
	return ids
}

// TestPutAddsOnAnyThreads adds so many rows that several pieces share them, in
// each of the ways that pieces own parts of the result.
func TestPutAddsOnAnyThreads(t *testing.T) {
	for _, c := range []struct{ rows, updates, width int }{
		{700, 3000, 33},   // ranges of rows
		{3, 500, 1200},    // more pieces than rows
		{20_000, 9000, 1}, // single elements
		{1, 40, 4000},     // parts of a row
		{20, 30, 20_000},  // long rows
	} {
		g := graph.New()
		x, u, ids := draws(1, tensor.Dims(c.rows, c.width)), draws(2, tensor.Dims(c.updates, c.width)), drawIDs(3, c.rows, c.updates)
		leaves := []*graph.Node{g.Leaf("x", x.Type()), g.Leaf("ids", ids.Type()), g.Leaf("u", u.Type())}
		got := ranThreads(t, leaves, ops.Put(leaves[0], leaves[1], leaves[2], 0, ops.CombineAdd), x, ids, u).Floats()
		want := slices.Clone(x.Floats())
		for i, id := range tensor.Of[int32](ids) {
			for j := range c.width {
				want[int(id)*c.width+j] += u.Floats()[i*c.width+j]
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v: sums differ from a plain loop in the order of the updates", c)
		}
	}
}

// TestTakeAlongAxis compares with plain loops, and its transpose too.
func TestTakeAlongAxis(t *testing.T) {
	const n, k, m = 900, 40, 7
	x, ids := draws(1, tensor.Dims(n, k)), drawIDs(2, k, n, m)
	g := graph.New()
	leaves := []*graph.Node{g.Leaf("x", x.Type()), g.Leaf("ids", ids.Type())}
	y := ops.TakeAlongAxis(leaves[0], leaves[1], -1)
	taken := ranThreads(t, leaves, y, x, ids).Floats()
	back := ranThreads(t, leaves, graph.Grad(ops.Mul(y, y), leaves[0])[0], x, ids).Floats()
	want := make([]float32, n*k)
	for i := range n {
		for j, id := range tensor.Of[int32](ids)[i*m:][:m] {
			v := x.Floats()[i*k+int(id)]
			if taken[i*m+j] != v {
				t.Fatalf("%d %d: %v, want %v", i, j, taken[i*m+j], v)
			}
			want[i*k+int(id)] += 2 * v
		}
	}
	if !slices.Equal(back, want) {
		t.Error("the gradient differs")
	}
}

// TestGatherRefuses names what does not fit.
func TestGatherRefuses(t *testing.T) {
	for name, build := range map[string]func(x, ids *graph.Node) *graph.Node{
		"floats as ids": func(x, _ *graph.Node) *graph.Node { return ops.Take(x, x, 0) },
		"axis":          func(x, ids *graph.Node) *graph.Node { return ops.Take(x, ids, 2) },
		"more rows":     func(x, ids *graph.Node) *graph.Node { return ops.TakeAlongAxis(x, ids, 1) },
	} {
		g := graph.New()
		build(g.Leaf("x", tensor.F32(3, 4)), g.Leaf("ids", tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(5, 2)}))
		if g.Err() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
