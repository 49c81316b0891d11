package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
	"math"
)

// Reverse turns the order of the elements along axes, which may count from the
// last, around.
func Reverse(x *graph.Node, axes ...int) *graph.Node { return graph.Apply1(reverse{List(axes...)}, x) }

type reverse struct{ Axes Ints }

func (reverse) Name() string { return "reverse" }

// Export implements graph.Exporter.
func (op reverse) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	axes := op.Axes.Slice()
	fill := func(v int) string {
		list := make([]int, len(axes))
		for i := range list {
			list[i] = v
		}
		return x.Constant(whole(list))
	}
	return []string{x.Add("Slice", []string{in[0], fill(-1), fill(math.MinInt64), x.Constant(whole(axes)), fill(-1)})}
}

func (op reverse) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 1, anything); err != nil {
		return nil, err
	}
	if _, err := axesOf(op.Axes, in[0].Shape.Rank()); err != nil {
		return nil, err
	}
	return in, nil
}

// from is where the first element of the result lies in x and the stride along
// each axis.
func (op reverse) from(x tensor.Shape) (first int, strides [tensor.MaxRank]int) {
	mask, _ := axesOf(op.Axes, x.Rank())
	strides = x.Strides()
	for i := range x.Rank() {
		if mask[i] {
			first += max(x.Dim(i)-1, 0) * strides[i]
			strides[i] = -strides[i]
		}
	}
	return first, strides
}

func (op reverse) Ref(out, in []tensor.Wide) {
	first, st := op.from(in[0].Type.Shape)
	p := place{shape: out[0].Type.Shape}
	move(out[0], in[0], func(int) int {
		defer p.next()
		return first + p.dot(st)
	})
}

// VJP: g, reversed.
func (op reverse) VJP(ct []*graph.Node, _ *graph.Inst) []*graph.Node {
	return []*graph.Node{graph.Apply1(op, ct[0])}
}

// Simplify: twice reversed is x, and so are axes of one element and constants.
func (op reverse) Simplify(n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	if x.Op() == graph.Op(op) {
		return x.In()[:1]
	}
	if _, ok := fillOf(x); ok {
		return []*graph.Node{x}
	}
	for _, a := range op.Axes.Slice() {
		if x.Shape().Dim(a) > 1 {
			return nil
		}
	}
	return []*graph.Node{x}
}

// Permute implements graph.Permuter.
func (op reverse) Permute(perm []int, in []tensor.Type) (graph.Op, bool) {
	axes := op.Axes.Slice()
	for i, a := range axes {
		axes[i] = perm[in[0].Shape.Axis(a)]
	}
	return reverse{List(axes...)}, true
}

// Kernel implements graph.Kerneled.
func (op reverse) Kernel(in, out []tensor.Type) *kernel.Code {
	first, st := op.from(in[0].Shape)
	return gather(out[0], first, st)
}

func init() {
	graph.Register(graph.Entry{
		Op:  reverse{List(0, -1)},
		Doc: "the elements along axes in reverse order",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 2, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 5)}, Low: -3, High: 3},
			{Of: reverse{List(1)}, In: []tensor.Type{{DType: tensor.Bool, Shape: tensor.Dims(3, 7)}}},
			{Of: reverse{List()}, In: []tensor.Type{{DType: tensor.Int64, Shape: tensor.Dims(3)}}, Low: -9, High: 9},
		},
	})
}
