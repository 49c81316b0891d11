package plan

import (
	"slices"

	"github.com/ihae/ihae/graph"
)

// compose makes one transposition of two, and none of one that moves nothing.
func compose(n *graph.Inst) []*graph.Node {
	t, ok := n.Op().(Transposer)
	if !ok {
		return nil
	}
	perm, x := t.Permutation(), n.In()[0]
	inner, nested := x.Op().(Transposer)
	if nested {
		x, perm = x.In()[0], composed(inner.Permutation(), perm)
	}
	switch {
	case identity(perm):
		return []*graph.Node{x}
	case nested:
		return graph.Apply(t.WithPermutation(perm), x)
	}
	return nil
}

// sink moves the transpositions of n's operands behind n, so that they travel
// towards the outputs until they meet their inverse. Operands that are not
// transposed must be cheap to transpose: constants and broadcasts.
func sink(n *graph.Inst) []*graph.Node {
	op, ok := n.Op().(graph.Permuter)
	if !ok {
		return nil
	}
	t := transposed(n)
	if t == nil {
		return nil
	}
	perm := t.Permutation()
	after, ok := op.Permute(perm, n.InTypes())
	if !ok {
		return nil
	}
	in := make([]*graph.Node, len(n.In()))
	for i, a := range n.In() {
		switch s, is := a.Op().(Transposer); {
		case a.Shape().Rank() != len(perm):
			in[i] = a
		case is && slices.Equal(s.Permutation(), perm):
			in[i] = a.In()[0]
		default:
			in[i] = graph.Apply1(t.WithPermutation(inverse(perm)), a)
		}
	}
	out := append([]*graph.Node{}, graph.Apply(after, in...)...)
	for i, y := range out {
		if y.Shape().Rank() == len(perm) {
			out[i] = graph.Apply1(t.WithPermutation(perm), y)
		}
	}
	return out
}

// transposed is the transposition that all operands of its rank have in common,
// those aside that are cheap to transpose; nil if there is none.
func transposed(n *graph.Inst) Transposer {
	var common Transposer
	for _, a := range n.In() {
		if t, ok := a.Op().(Transposer); ok && !cheapToTranspose(a.In()[0]) {
			common = t
			break
		}
	}
	if common == nil {
		return nil
	}
	perm := common.Permutation()
	for _, a := range n.In() {
		if a.Shape().Rank() != len(perm) || cheapToTranspose(a) {
			continue
		}
		if t, ok := a.Op().(Transposer); !ok || !slices.Equal(t.Permutation(), perm) {
			return nil
		}
	}
	return common
}

func cheapToTranspose(n *graph.Node) bool {
	switch n.Op().(type) {
	case *graph.Const, graph.Fill:
		return true
	case Transposer:
		return false
	case Strided:
		return n.In()[0].Type().Bytes() < n.Type().Bytes()
	}
	return false
}

// composed is the permutation of a transposition by first, then by second.
func composed(first, second []int) []int {
	p := make([]int, len(second))
	for i, a := range second {
		p[i] = first[a]
	}
	return p
}

func inverse(perm []int) []int {
	inv := make([]int, len(perm))
	for i, a := range perm {
		inv[a] = i
	}
	return inv
}

func identity(perm []int) bool {
	for i, a := range perm {
		if i != a {
			return false
		}
	}
	return true
}
