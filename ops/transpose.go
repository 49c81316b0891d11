package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Transpose permutes axes: axis i of the result is axis perm[i] of x. Without
// perm the order of all axes is reversed.
func Transpose(x *graph.Node, perm ...int) *graph.Node {
	if perm == nil {
		for i := x.Shape().Rank() - 1; i >= 0; i-- {
			perm = append(perm, i)
		}
	}
	return graph.Apply1(transpose{List(perm...)}, x)
}

type transpose struct{ Perm Ints }

func (transpose) Name() string { return "transpose" }

func (op transpose) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 1, anything); err != nil {
		return nil, err
	}
	rank := in[0].Shape.Rank()
	if op.Perm.Len() != rank {
		return nil, fmt.Errorf("permutation %v of %d axes", op.Perm, rank)
	}
	out, seen := in[0], [tensor.MaxRank]bool{}
	for i, a := range op.Perm.Slice() {
		if a < 0 || a >= rank || seen[a] {
			return nil, fmt.Errorf("%v is no permutation of %d axes", op.Perm, rank)
		}
		seen[a] = true
		out.Shape = out.Shape.With(i, in[0].Shape.Dim(a))
	}
	return []tensor.Type{out}, nil
}

// strides is the operand's stride along each axis of the result.
func (op transpose) strides(in tensor.Shape) [tensor.MaxRank]int {
	var st [tensor.MaxRank]int
	from := in.Strides()
	for i, a := range op.Perm.Slice() {
		st[i] = from[a]
	}
	return st
}

func (op transpose) Ref(out, in []tensor.Wide) {
	st, p := op.strides(in[0].Type.Shape), place{shape: out[0].Type.Shape}
	move(out[0], in[0], func(int) int {
		defer p.next()
		return p.dot(st)
	})
}

// VJP: g, permuted back.
func (op transpose) VJP(ct []*graph.Node, _ *graph.Inst) []*graph.Node {
	return []*graph.Node{Transpose(ct[0], inverse(op.Perm.Slice())...)}
}

// inverse is the permutation that undoes perm.
func inverse(perm []int) []int {
	inv := make([]int, len(perm))
	for i, a := range perm {
		inv[a] = i
	}
	return inv
}
