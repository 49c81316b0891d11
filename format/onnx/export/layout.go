package export

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// turn says that axis i of a value is axis perm[i] of another.
type turn struct {
	of   string
	perm []int
}

// transpose writes a transposition; one of a transposition becomes a single one,
// or none.
func (w *writer) transpose(x string, perm []int) string {
	if t := w.of(x).turn; t != nil {
		x, perm = t.of, after(t.perm, perm)
	}
	if t, ok := w.folded[x]; ok {
		x, perm = t.of, after(t.perm, perm)
	}
	if isIdentity(perm) {
		return x
	}
	if t, ok := w.held[x]; ok {
		return w.fold(x, t, perm)
	}
	y := w.AddMany("Transpose", []string{x}, 1, graph.Attribute{Name: "perm", Value: perm})[0]
	w.of(y).turn = &turn{x, perm}
	if v := w.of(x); v.typed {
		w.learn(y, permuted(v.typ, perm))
	}
	return y
}

// fold is a tensor that the model holds, transposed where it is held; under its
// own name if it is not used as it was, see [writer.rename].
func (w *writer) fold(name string, t tensor.Tensor, perm []int) string {
	key := fmt.Sprint("transposed ", name, perm)
	if y, ok := w.consts[key]; ok {
		return y
	}
	f, err := graph.NewFunc("transpose", nil, []*graph.Node{ops.Transpose(graph.New().Constant(t), perm...)})
	if err != nil {
		w.fail(err)
		return name
	}
	y := w.hold(name+".T", graph.Eval(f, nil)[0].Narrow())
	w.consts[key], w.folded[y] = y, turn{name, perm}
	return y
}

func isIdentity(perm []int) bool {
	for i, p := range perm {
		if i != p {
			return false
		}
	}
	return true
}

// inverse undoes perm.
func inverse(perm []int) []int {
	back := make([]int, len(perm))
	for i, p := range perm {
		back[p] = i
	}
	return back
}

// after is the transposition by first, then by second.
func after(first, second []int) []int {
	both := make([]int, len(second))
	for i, p := range second {
		both[i] = first[p]
	}
	return both
}

// permuted is t transposed.
func permuted(t tensor.Type, perm []int) tensor.Type {
	s := t.Shape
	for i, p := range perm {
		s = s.With(i, t.Shape.Dim(p))
	}
	return tensor.Type{DType: t.DType, Shape: s}
}

// throughTurn writes n where it is the same to it in which layout its operands
// are: it works on what they are transpositions of, and its results are
// transposed. So a chain of layers keeps one layout. It is nil for what does mind,
// and where there is no transposition.
func (w *writer) throughTurn(n *graph.Inst, in []string) []string {
	op, ok := n.Op().(graph.Permuter)
	perm := w.commonTurn(in)
	if !ok || perm == nil {
		return nil
	}
	bases, ok := w.unturned(n, in, perm)
	if !ok {
		return nil
	}
	other, ok := op.Permute(perm, n.InTypes())
	if !ok {
		return nil
	}
	types := n.InTypes()
	for i, t := range types {
		if t.Shape.Rank() == len(perm) {
			types[i] = permuted(t, inverse(perm))
		}
	}
	nodes := graph.Apply(other, leavesOf(types)...)
	if nodes[0].Graph().Err() != nil || len(nodes) != len(n.Out()) {
		return nil
	}
	out := w.plain(nodes[0].Inst(), bases)
	for i, y := range n.Out() {
		if y.Shape().Rank() == len(perm) {
			w.learn(out[i], nodes[i].Type())
			out[i] = w.transpose(out[i], perm)
		}
	}
	return out
}

// commonTurn is the transposition of the first operand that is one.
func (w *writer) commonTurn(in []string) []int {
	for _, x := range in {
		if t := w.of(x).turn; t != nil {
			return t.perm
		}
	}
	return nil
}

// unturned is what the operands of n are transpositions of by perm. ok is false
// if there is one of as many axes that is not.
func (w *writer) unturned(n *graph.Inst, in []string, perm []int) (bases []string, ok bool) {
	_, each := n.Op().(graph.Elementwise)
	each = each && len(in) > 1
	bases = slices.Clone(in)
	for i, x := range in {
		v := w.of(x)
		_, held := w.held[x]
		switch {
		case n.InTypes()[i].Shape.Rank() != len(perm):
		case v.turn != nil && slices.Equal(v.turn.perm, perm):
			bases[i] = v.turn.of
		case v.small != nil && each && !(i == 0 && isOneWay(n)):
			bases[i] = w.turnSmall(v.small, perm)
		case held:
			bases[i] = w.transpose(x, inverse(perm))
		default:
			return nil, false
		}
	}
	return bases, true
}

// turnSmall is a small value for use beside one of which perm is undone.
func (w *writer) turnSmall(s *small, perm []int) string {
	full := append(slices.Repeat([]int{1}, len(perm)-len(s.dims)), s.dims...)
	long := 0
	after := make([]int, len(perm))
	for i, p := range inverse(perm) {
		if after[i] = full[p]; full[p] != 1 {
			long++
		}
	}
	if long == 0 {
		return s.of
	}
	if long > 1 {
		return w.transpose(w.reshape(s.of, w.Constant(ints(full)), nil), inverse(perm))
	}
	return w.reshape(s.of, w.Constant(ints(withoutOnes(after))), nil)
}
