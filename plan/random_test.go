package plan_test

import (
	"math"
	"math/rand/v2"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// random makes functions of random operations over a few shapes that broadcast
// to one another.
type random struct {
	*rand.Rand
	g     *graph.Graph
	sizes [3]int
	nodes []*graph.Node
}

// function is a random function of n operations, values for its inputs, and a
// donation for each output that has the type of an input.
func (r *random) function(n int) (f *graph.Func, feeds []tensor.Tensor, donate [][2]int) {
	r.g, r.nodes = graph.New(), nil
	r.sizes = [3]int{1 + r.IntN(3), 1 + r.IntN(9), 1 + r.IntN(70)}
	if r.IntN(4) == 0 {
		r.sizes = [3]int{7, 40, 150}
	}
	a, b, c := r.sizes[0], r.sizes[1], r.sizes[2]
	var in []*graph.Node
	for i, s := range [][]int{{a, b, c}, {a, b, c}, {b, c}, {c}, {a, 1, c}, {}} {
		x := r.g.Leaf(string(rune('a'+i)), tensor.F32(s...))
		in = append(in, x)
		t := tensor.New(x.Type())
		for j := range t.Floats() {
			t.Floats()[j] = float32(2*r.Float64() - 1)
		}
		feeds = append(feeds, t)
	}
	r.nodes = append(r.nodes, in...)
	for range n {
		r.nodes = append(r.nodes, r.step())
	}
	var out []*graph.Node
	taken := map[int]bool{}
	for range 1 + r.IntN(4) {
		y := r.nodes[max(0, len(r.nodes)-1-r.IntN(8))]
		for i, x := range in {
			if !taken[i] && x.Type() == y.Type() {
				taken[i] = true
				donate = append(donate, [2]int{len(out), i})
				break
			}
		}
		out = append(out, y)
	}
	f, err := graph.NewFunc("random", in, out)
	if err != nil {
		panic(err)
	}
	return f, feeds, donate
}

// pick is one of the nodes, mostly a late one.
func (r *random) pick() *graph.Node {
	if r.IntN(3) == 0 {
		return r.nodes[r.IntN(len(r.nodes))]
	}
	return r.nodes[max(0, len(r.nodes)-1-r.IntN(6))]
}

// step is a node made of earlier ones whose values stay about in [-2, 2].
func (r *random) step() *graph.Node {
	x := r.pick()
	switch r.IntN(16) {
	case 0:
		return ops.Tanh(x)
	case 1:
		return ops.ReLU(x)
	case 2:
		return ops.Mul(ops.Tanh(x), r.pick2(x))
	case 3:
		return ops.Select(ops.Gt(x, r.pick2(x)), ops.Neg(x), ops.Scale(x, 0.25))
	case 4:
		return ops.Scale(ops.Add(x, r.pick2(x)), 0.5)
	case 5:
		return ops.Sub(ops.Scale(x, 0.5), ops.Scale(r.pick2(x), 0.5))
	case 6, 7:
		return r.reduce(x)
	case 8:
		return r.reshaped(x)
	case 9:
		return r.twisted(x)
	case 10:
		return r.product(x)
	case 11:
		return ops.Exp(ops.Neg(ops.Abs(x)))
	case 12:
		if x.Shape().Rank() > 2 {
			return graph.Apply1(double{}, ops.Scale(x, 0.5))
		}
		return graph.Apply1(repeated{r.sizes[0]}, x)
	case 13:
		if x.Shape().Rank() == 0 || x.Shape().Dim(-1) == 0 {
			return graph.Apply1(opaque{}, x)
		}
		return ops.Scale(graph.Apply1(rowSum{}, ops.Tanh(x)), 1/float64(x.Shape().Dim(-1)))
	case 14:
		return ops.Max(x, ops.Like(x, 0.1))
	}
	return graph.Grad(ops.ReduceSum(ops.Mul(ops.Tanh(x), x)), x)[0]
}

// pick2 is a node that broadcasts with x.
func (r *random) pick2(x *graph.Node) *graph.Node {
	for range 10 {
		y := r.pick()
		if fits(x.Shape(), y.Shape()) {
			return y
		}
	}
	return ops.Like(x, 0.5)
}

func fits(a, b tensor.Shape) bool {
	for i := 1; i <= min(a.Rank(), b.Rank()); i++ {
		if d, e := a.Dim(-i), b.Dim(-i); d != e && d != 1 && e != 1 {
			return false
		}
	}
	return true
}

// reduce is the mean over one axis, kept with size one half of the time.
func (r *random) reduce(x *graph.Node) *graph.Node {
	if x.Shape().Rank() == 0 {
		return ops.Neg(x)
	}
	axis := r.IntN(x.Shape().Rank())
	y := ops.Scale(ops.ReduceSum(x, axis), 1/math.Max(1, float64(x.Shape().Dim(axis))))
	if r.IntN(2) == 0 {
		return ops.Reshape(y, x.Shape().With(axis, 1))
	}
	return y
}

// reshaped goes through a flat shape and back.
func (r *random) reshaped(x *graph.Node) *graph.Node {
	flat := ops.Reshape(x, tensor.Dims(x.Shape().Size()))
	return ops.Reshape(ops.Tanh(flat), x.Shape())
}

// twisted computes on the transposition and turns it back.
func (r *random) twisted(x *graph.Node) *graph.Node {
	perm := r.Perm(x.Shape().Rank())
	back := make([]int, len(perm))
	for i, a := range perm {
		back[a] = i
	}
	if len(perm) < 2 {
		return ops.Neg(x)
	}
	return ops.Transpose(ops.Tanh(ops.Transpose(x, perm...)), back...)
}

// product is x·xᵀ over its last axis, brought back to x's shape.
func (r *random) product(x *graph.Node) *graph.Node {
	if x.Shape().Rank() != 2 {
		return ops.Abs(x)
	}
	k := float64(x.Shape().Dim(1))
	m := ops.Scale(ops.MatMul(x, ops.Transpose(x)), 1/k)
	return ops.Tanh(ops.MatMul(m, x))
}
