package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// choice is what argmax and argmin share: the axis that is searched, which the
// result does not have.
type choice struct{ Axis int }

func chooseOver(x *graph.Node, axis int) choice {
	if axis < 0 && axis >= -x.Shape().Rank() {
		axis += x.Shape().Rank()
	}
	return choice{axis}
}

// Infer implements graph.Op.
func (c choice) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 1, numbers); err != nil {
		return nil, err
	}
	if c.Axis < 0 || c.Axis >= in[0].Shape.Rank() {
		return nil, fmt.Errorf("axis %d of %v", c.Axis, in[0].Shape)
	}
	if in[0].Shape.Dim(c.Axis) == 0 {
		return nil, fmt.Errorf("axis %d of %v is empty", c.Axis, in[0].Shape)
	}
	return []tensor.Type{{DType: tensor.Int32, Shape: in[0].Shape.Without(c.Axis)}}, nil
}

// FLOPs implements graph.Costed.
func (choice) FLOPs(in, _ []tensor.Type) int64 { return int64(in[0].Shape.Size()) }

// split sees a shape as [outer axis inner].
func split(s tensor.Shape, axis int) (outer, size, inner int) {
	dims := s.Dims()
	return product(dims[:axis]), dims[axis], product(dims[axis+1:])
}

// ref writes the index of the first element that no other beats.
func (c choice) ref(out, in tensor.Wide, beatsF func(x, y float64) bool, beatsI func(x, y int64) bool) {
	outer, size, inner := split(in.Type.Shape, c.Axis)
	for o := range outer {
		for i := range inner {
			base, best := o*size*inner+i, 0
			for j := 1; j < size; j++ {
				a, b := base+j*inner, base+best*inner
				if in.F != nil && beatsF(in.F[a], in.F[b]) || in.F == nil && beatsI(in.I[a], in.I[b]) {
					best = j
				}
			}
			out.I[o*inner+i] = int64(best)
		}
	}
}

// kernel is code for float32.
func (c choice) kernel(in tensor.Type, op kernel.ReduceOp) *kernel.Code {
	if in.DType != tensor.Float32 {
		return nil
	}
	outer, size, inner := split(in.Shape, c.Axis)
	return kernel.ArgReduce(kernel.ReduceSpec{Outer: outer, Axis: size, Inner: inner, Op: op})
}

// choiceSamples are operands for a choice.
func choiceSamples(op func(choice) graph.Op) []graph.Sample {
	ints := tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(4, 9)}
	return []graph.Sample{
		{Of: op(choice{1}), In: []tensor.Type{tensor.F32(3, 7)}, Low: -1, High: 1},
		{Of: op(choice{0}), In: []tensor.Type{tensor.F32(5, 3)}, Low: -1, High: 1},
		{Of: op(choice{1}), In: []tensor.Type{tensor.F32(2, 3, 4)}, Low: -1, High: 1},
		{Of: op(choice{1}), In: []tensor.Type{tensor.F32(0, 3)}, Low: -1, High: 1},
		{Of: op(choice{1}), In: []tensor.Type{ints}, Low: 0, High: 3}, // ties
	}
}
