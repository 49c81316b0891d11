package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
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

func (broadcastInDim) Name() string { return "broadcast_in_dim" }

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

// strides is the operand's stride along each axis of the result: 0 where it
// repeats.
func (op broadcastInDim) strides(in tensor.Shape) [tensor.MaxRank]int {
	var st [tensor.MaxRank]int
	for i, s := range in.Strides() {
		if i < in.Rank() && in.Dim(i) != 1 {
			st[op.Axes.At(i)] = s
		}
	}
	return st
}

func (op broadcastInDim) Ref(out, in []tensor.Wide) {
	st, p := op.strides(in[0].Type.Shape), place{shape: op.Shape}
	move(out[0], in[0], func(int) int {
		defer p.next()
		return p.dot(st)
	})
}
