package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// BroadcastInDim repeats x over a larger shape: axis i of x becomes axis
// axes[i] of the result, where it has the same size, or size one and repeats.
// axes must rise.
func BroadcastInDim(x *graph.Node, shape tensor.Shape, axes ...int) *graph.Node {
	return graph.Apply1(broadcastInDim{shape, List(axes...)}, x)
}

type broadcastInDim struct {
	Shape tensor.Shape
	Axes  Ints
}

func (broadcastInDim) Name() string { return "broadcast-in-dim" }

// Export implements graph.Exporter.
func (op broadcastInDim) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	dims := make([]int, op.Shape.Rank())
	for i := range dims {
		dims[i] = 1
	}
	from := n.InTypes()[0].Shape
	for i, a := range op.Axes.Slice() {
		dims[a] = from.Dim(i)
	}
	y := reshaped(x, in[0], tensor.Dims(dims...))
	if op.Shape == tensor.Dims(dims...) {
		return []string{y}
	}
	return []string{x.Add("Expand", []string{y, x.Constant(whole(op.Shape.Dims()))})}
}

func (op broadcastInDim) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 1, anything); err != nil {
		return nil, err
	}
	if op.Axes.Len() != in[0].Shape.Rank() {
		return nil, fmt.Errorf("%d axes for %v", op.Axes.Len(), in[0].Shape)
	}
	last := -1
	for i, a := range op.Axes.Slice() {
		if a <= last || a >= op.Shape.Rank() {
			return nil, fmt.Errorf("axes %v do not rise within %v", op.Axes, op.Shape)
		}
		if d := in[0].Shape.Dim(i); d != 1 && d != op.Shape.Dim(a) {
			return nil, fmt.Errorf("%v does not stretch to %v by axes %v", in[0].Shape, op.Shape, op.Axes)
		}
		last = a
	}
	return []tensor.Type{{DType: in[0].DType, Shape: op.Shape}}, nil
}

// Strides is the operand's stride along each axis of the result: 0 where it
// repeats. Loops read through it, so that what is repeated is not stored.
func (op broadcastInDim) Strides(in tensor.Shape) [tensor.MaxRank]int {
	var st [tensor.MaxRank]int
	for i, s := range in.Strides() {
		if i < in.Rank() && in.Dim(i) != 1 {
			st[op.Axes.At(i)] = s
		}
	}
	return st
}

func (op broadcastInDim) Ref(out, in []tensor.Wide) {
	st, p := op.Strides(in[0].Type.Shape), place{shape: op.Shape}
	move(out[0], in[0], func(int) int {
		defer p.next()
		return p.dot(st)
	})
}

// VJP: the sum of g over the places where an element of x is repeated.
func (op broadcastInDim) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x := n.In()[0].Shape()
	var axes []int
	for i := range op.Shape.Rank() {
		if !op.keeps(x, i) {
			axes = append(axes, i)
		}
	}
	if axes == nil {
		return []*graph.Node{Reshape(ct[0], x)}
	}
	return []*graph.Node{Reshape(ReduceSum(ct[0], axes...), x)}
}

// keeps says whether axis i of the result is an axis of x with the same size.
func (op broadcastInDim) keeps(x tensor.Shape, i int) bool {
	for j, a := range op.Axes.Slice() {
		if a == i {
			return x.Dim(j) == op.Shape.Dim(i)
		}
	}
	return false
}

// Simplify: two of them are one, constants stay constants, and one that repeats
// nothing is a reshape.
func (op broadcastInDim) Simplify(n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.Out()[0]
	if v, ok := fillOf(x); ok {
		return []*graph.Node{Like(y, v)}
	}
	if x.Shape().Size() == op.Shape.Size() {
		return []*graph.Node{Reshape(x, op.Shape)}
	}
	if first, ok := x.Op().(broadcastInDim); ok {
		axes := first.Axes.Slice()
		for i, a := range axes {
			axes[i] = op.Axes.At(a)
		}
		return []*graph.Node{BroadcastInDim(x.In()[0], op.Shape, axes...)}
	}
	return nil
}

// Permute implements graph.Permuter, where x has all axes of the result.
func (op broadcastInDim) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	if op.Axes.Len() != op.Shape.Rank() || len(perm) != op.Shape.Rank() {
		return nil, false
	}
	q := op
	for i, p := range perm {
		q.Shape = q.Shape.With(p, op.Shape.Dim(i))
	}
	return q, true
}

// Kernel implements graph.Kerneled.
func (op broadcastInDim) Kernel(in, out []tensor.Type) *kernel.Code {
	return gather(out[0], 0, op.Strides(in[0].Shape))
}

func init() {
	graph.Register(graph.Entry{
		Op:  broadcastInDim{tensor.Dims(2, 3, 5), List(0, 2)},
		Doc: "x repeated over a larger shape",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(2, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(1, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Bool, Shape: tensor.Dims(2, 1)}}},
			{Of: broadcastInDim{tensor.Dims(4, 7), List()}, In: []tensor.Type{tensor.F32()}, Low: -3, High: 3},
			{Of: broadcastInDim{tensor.Dims(0, 7), List(1)}, In: []tensor.Type{tensor.F32(7)}, Low: -3, High: 3},
			{Of: broadcastInDim{tensor.Dims(4, 7), List(0, 1)}, In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(4, 1)}}, Low: -3, High: 3},
			{Of: broadcastInDim{tensor.Dims(3, 2, 9), List(1, 2)}, In: []tensor.Type{{DType: tensor.Int8, Shape: tensor.Dims(2, 9)}}, Low: -9, High: 9},
		},
	})
}
