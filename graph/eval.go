package graph

import (
	"fmt"

	"github.com/ihae/ihae/tensor"
)

// Eval computes f by walking its graph with the operations' definitions: floats
// in float64 without rounding in between, integers exactly, nothing reused. It
// is what plans and kernels are held to. in are f's inputs; Eval does not
// change them. It panics on operands of a wrong type, a mistake in a test.
func Eval(f *Func, in []tensor.Wide) []tensor.Wide {
	at := map[*Node]tensor.Wide{}
	for i, n := range f.In {
		if in[i].Type != n.typ {
			panic(fmt.Sprintf("graph: input %d of %s is %v, want %v", i, f.Name, in[i].Type, n.typ))
		}
		at[n] = in[i]
	}
	for _, n := range Reachable(f.Out) {
		if _, leaf := n.op.(Leaf); !leaf {
			evalInst(n, at)
		}
	}
	out := make([]tensor.Wide, len(f.Out))
	for i, n := range f.Out {
		out[i] = at[n]
	}
	return out
}

func evalInst(n *Inst, at map[*Node]tensor.Wide) {
	in, out := make([]tensor.Wide, len(n.in)), make([]tensor.Wide, len(n.out))
	for i, a := range n.in {
		in[i] = at[a]
	}
	for i, y := range n.out {
		out[i] = tensor.NewWide(y.typ)
	}
	n.op.Ref(out, in)
	for i, y := range n.out {
		out[i].Wrap()
		at[y] = out[i]
	}
}
