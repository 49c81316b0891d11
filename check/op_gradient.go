package check

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// field is a graph under differentiation: leaves with the values they are fed.
type field struct {
	g      *graph.Graph
	r      rng.Stream
	leaves []*graph.Node
	feeds  []tensor.Wide
}

// leaf adds a leaf and the value at which it is looked at.
func (f *field) leaf(v tensor.Wide) *graph.Node {
	n := f.g.Leaf(fmt.Sprint("in", len(f.leaves)), v.Type)
	f.leaves, f.feeds = append(f.leaves, n), append(f.feeds, v)
	return n
}

// weigh is the sum of all elements of ys with random weights, which are leaves.
func (f *field) weigh(ys []*graph.Node) *graph.Node {
	var pairs []*graph.Node
	for _, y := range ys {
		if y.DType().Float() {
			w := f.leaf(uniform(y.Type(), -1, 1, f.r.At(uint64(len(f.leaves)))))
			pairs = append(pairs, y, w)
		}
	}
	if pairs == nil {
		return nil
	}
	return graph.Apply1(inner{}, pairs...)
}

// floats is the leaves that have gradients.
func (f *field) floats() []*graph.Node {
	var out []*graph.Node
	for _, n := range f.leaves {
		if n.DType().Float() {
			out = append(out, n)
		}
	}
	return out
}

// gradients compares the gradient of a random weighting of op's results, along
// one random direction, with central differences; then the gradient of that
// gradient, to operands and cotangents. One direction is enough to catch a
// wrong gradient and costs four evaluations whatever the sizes.
func gradients(op graph.Op, in []tensor.Wide, r rng.Stream) error {
	f := &field{g: graph.New(), r: r}
	operands := make([]*graph.Node, len(in))
	for i, v := range in {
		operands[i] = f.leaf(v)
	}
	if len(operands) == 0 {
		return nil
	}
	ys := graph.Apply(op, operands...)
	for order := 1; order <= 2; order++ {
		wrt := f.floats()
		loss := f.weigh(ys)
		if loss == nil || len(wrt) == 0 {
			return nil
		}
		ys = graph.Grad(loss, wrt...)
		if err := f.along(loss, wrt, ys); err != nil {
			return fmt.Errorf("gradient of order %d: %w", order, err)
		}
	}
	return nil
}

// along checks grads·d against the difference quotient of loss along d, by the
// central formula whose error is of the fourth order.
func (f *field) along(loss *graph.Node, wrt, grads []*graph.Node) error {
	const h = 1e-4
	value, err := graph.NewFunc("loss", f.leaves, []*graph.Node{loss})
	if err != nil {
		return err
	}
	slope, err := graph.NewFunc("slope", f.leaves, grads)
	if err != nil {
		return err
	}
	move := map[*graph.Node]tensor.Wide{}
	got, size := 0.0, 0.0
	for i, g := range graph.Eval(slope, f.feeds) {
		d := uniform(wrt[i].Type(), -1, 1, f.r.Split("direction").At(uint64(i)))
		move[wrt[i]] = d
		for j, v := range g.F {
			got += v * d.F[j]
			size += math.Abs(v * d.F[j])
		}
	}
	lossAt := func(step float64) float64 {
		in := clone(f.feeds)
		for i, n := range f.leaves {
			for j, d := range move[n].F {
				in[i].F[j] += step * d
			}
		}
		return graph.Eval(value, in)[0].F[0]
	}
	l1, l2, r1, r2 := lossAt(-h), lossAt(-2*h), lossAt(h), lossAt(2*h)
	want := (8*(r1-l1) - (r2 - l2)) / (12 * h)
	noise := 1e-14 / h * max(math.Abs(r1), math.Abs(l1))
	if d := math.Abs(got - want); d > 1e-6*max(1, size)+noise || d != d {
		return fmt.Errorf("VJP gives %.9g, finite difference %.9g", got, want)
	}
	return nil
}

// inner is the sum of products of pairs of tensors: operands 0·1 + 2·3 + …
type inner struct{}

func (inner) Name() string { return "inner" }

func (inner) Infer(in []tensor.Type) ([]tensor.Type, error) {
	for i := 0; i < len(in); i += 2 {
		if i+1 == len(in) || in[i].Shape != in[i+1].Shape {
			return nil, fmt.Errorf("want pairs")
		}
	}
	return []tensor.Type{{DType: tensor.Float64}}, nil
}

func (inner) Ref(out, in []tensor.Wide) {
	out[0].F[0] = 0
	for i := 0; i < len(in); i += 2 {
		for j, v := range in[i].F {
			out[0].F[0] += v * in[i+1].F[j]
		}
	}
}

// VJP: each of a pair gets the other, times g.
func (inner) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	out := make([]*graph.Node, len(n.In()))
	for i, x := range n.In() {
		out[i] = graph.Apply1(spread{x.DType()}, ct[0], n.In()[i^1])
	}
	return out
}

// spread is a tensor times a scalar, as elements of another type.
type spread struct{ To tensor.DType }

func (spread) Name() string { return "spread" }

func (op spread) Infer(in []tensor.Type) ([]tensor.Type, error) {
	return []tensor.Type{{DType: op.To, Shape: in[1].Shape}}, nil
}

func (spread) Ref(out, in []tensor.Wide) {
	for i, v := range in[1].F {
		out[0].F[i] = in[0].F[0] * v
	}
}

// VJP: (g·t, s·g).
func (spread) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{
		graph.Apply1(inner{}, ct[0], n.In()[1]),
		graph.Apply1(spread{n.In()[1].DType()}, n.In()[0], ct[0]),
	}
}
