package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// reduction is what the reductions share: the reduced axes, which the result
// does not have.
type reduction struct{ Axes Ints }

// over makes the reduction of x over axes, which may count from the last; no
// axes are all of them. Axes that do not fit stay as they are, to be refused.
func over(x *graph.Node, axes []int) reduction {
	rank := x.Shape().Rank()
	mask, err := axesOf(List(axes...), rank)
	if err != nil {
		return reduction{List(axes...)}
	}
	var sorted []int
	for i := range rank {
		if mask[i] || len(axes) == 0 {
			sorted = append(sorted, i)
		}
	}
	return reduction{List(sorted...)}
}

// infer is the type rule: the shape without the reduced axes.
func (r reduction) infer(in []tensor.Type, k kinds) ([]tensor.Type, error) {
	if err := of(in, 1, k); err != nil {
		return nil, err
	}
	mask, err := axesOf(r.Axes, in[0].Shape.Rank())
	if err != nil {
		return nil, err
	}
	_, kept := project(in[0].Shape, not(mask))
	return []tensor.Type{{DType: in[0].DType, Shape: kept}}, nil
}

// FLOPs implements graph.Costed: one for each element that is reduced.
func (reduction) FLOPs(in, _ []tensor.Type) int64 { return int64(in[0].Shape.Size()) }

// fold sets each element of out to f over the elements of in that lie over it,
// in row-major order, beginning with start.
func fold[T any](r reduction, s tensor.Shape, out, in []T, start T, f func(sofar, x T) T) {
	for i := range out {
		out[i] = start
	}
	mask, _ := axesOf(r.Axes, s.Rank())
	to, _ := project(s, not(mask))
	p := place{shape: s}
	for _, x := range in {
		o := p.dot(to)
		out[o] = f(out[o], x)
		p.next()
	}
}

// spread repeats y, which has the kept axes of shape, over the reduced ones.
func (r reduction) spread(y *graph.Node, shape tensor.Shape) *graph.Node {
	mask, err := axesOf(r.Axes, shape.Rank())
	if err != nil {
		return y
	}
	return BroadcastInDim(y, shape, named(not(mask), shape.Rank())...)
}

// span sees a shape as [outer axis inner] with the reduced axes, neighbours of
// each other, as the axis in the middle. Axes of size one do not count. ok is
// false where other axes lie between.
func (r reduction) span(s tensor.Shape) (outer, axis, inner int, ok bool) {
	mask, _ := axesOf(r.Axes, s.Rank())
	part := [3]int{1, 1, 1}
	at := 0
	for i, d := range s.Dims() {
		switch {
		case d == 1:
			continue
		case mask[i] && at == 2:
			return 0, 0, 0, false
		case mask[i]:
			at = 1
		case at == 1:
			at = 2
		}
		part[at] *= d
	}
	return part[0], part[1], part[2], true
}

// folding is how a loop that computes the operand, of type in, folds it at once.
func (r reduction) folding(in tensor.Type, op kernel.ReduceOp) (kernel.ReduceSpec, bool) {
	outer, axis, inner, ok := r.span(in.Shape)
	return kernel.ReduceSpec{Outer: outer, Axis: axis, Inner: inner, Op: op}, ok && in.DType == tensor.Float32
}

// kernel is code for the types that the kernels fold.
func (r reduction) kernel(in tensor.Type, op kernel.ReduceOp) *kernel.Code {
	outer, axis, inner, ok := r.span(in.Shape)
	s := kernel.ReduceSpec{Outer: outer, Axis: axis, Inner: inner, Op: op}
	switch {
	case !ok:
		return nil
	case in.DType == tensor.Float32 || in.DType == tensor.Bool:
		return kernel.Reduce(s)
	}
	return kernel.ReduceNumbers(s, in.DType)
}

// permuted reduces the axes that lie at r's after a transposition; ok is false
// where that changes the order of the axes that are kept.
func (r reduction) permuted(perm []int) (after reduction, ok bool) {
	mask, err := axesOf(r.Axes, len(perm))
	if err != nil || r.Axes.Len() == 0 {
		return r, false
	}
	last, moved := -1, axisSet{}
	for i, a := range perm {
		moved[a] = mask[i]
		if !mask[i] {
			if a < last {
				return r, false
			}
			last = a
		}
	}
	return reduction{List(named(moved, len(perm))...)}, true
}

// simplify turns a reduction over axes of size one into a reshape, and one over
// axes that are not neighbours into two: op makes the operation of its kind.
func (r reduction) simplify(n *graph.Inst, op func(reduction) graph.Op) []*graph.Node {
	x := n.In()[0]
	s := x.Shape()
	var last, rest []int // the run of neighbours at the end, and what is before it
	closed, size := false, 1
	for i := r.Axes.Len() - 1; i >= 0; i-- {
		a := s.Axis(r.Axes.At(i))
		if size *= s.Dim(a); closed {
			rest = append([]int{a}, rest...)
			continue
		}
		last = append([]int{a}, last...)
		for b := a - 1; b >= 0 && !r.reduces(b) && !closed; b-- {
			closed = s.Dim(b) != 1
		}
	}
	switch {
	case s.Rank() > 0 && size == 1 && r.Axes.Len() > 0:
		return []*graph.Node{Reshape(x, n.Out()[0].Shape())}
	case rest != nil:
		inner := graph.Apply1(op(reduction{List(last...)}), x)
		return graph.Apply(op(reduction{List(rest...)}), inner)
	}
	return nil
}

func (r reduction) reduces(axis int) bool {
	for _, a := range r.Axes.Slice() {
		if a == axis {
			return true
		}
	}
	return false
}
