package plan

import (
	"bytes"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

const (
	// foldBytes is how large a constant may be that was not one before.
	foldBytes = 64 << 10
	// foldWidened is how large it may be if its elements are wider than those it is
	// made of, such as floats of bytes: more is widened in every run.
	foldWidened = 16 << 20
	// foldWork bounds the operations that folding one instruction by its
	// definition may take.
	foldWork = 1 << 22
)

// fold computes what depends on constants alone when the program is built: what
// is small, what is no larger than the constants it is made of, and what has no
// more elements.
func fold(n *graph.Inst) []*graph.Node {
	switch n.Op().(type) {
	case graph.Leaf, *graph.Const, graph.Fill, graph.Bodied:
		return nil
	}
	fills, given := true, 0
	for _, a := range n.In() {
		switch c := a.Op().(type) {
		case graph.Fill:
		case *graph.Const:
			fills, given = false, given+len(c.Value.Bytes())
		default:
			return nil
		}
	}
	if len(n.In()) > 0 && fills {
		if f := foldFill(n); f != nil {
			return []*graph.Node{f}
		}
	}
	if f := spread(n); f != nil {
		return []*graph.Node{f}
	}
	size := 0
	for _, t := range n.OutTypes() {
		size += t.Bytes()
	}
	if work := graph.FLOPs(n); size > max(foldBytes, given, min(4*given, foldWidened)) || work < 0 || work > foldWork {
		return nil
	}
	return foldNow(n)
}

// foldFill is an operation on values that are the same everywhere, whatever
// their size: elementwise, or only another view.
func foldFill(n *graph.Inst) *graph.Node {
	if len(n.Out()) != 1 {
		return nil
	}
	t := n.Out()[0].Type()
	f := n.In()[0].Op().(graph.Fill)
	switch op := n.Op().(type) {
	case Strided, graph.Aliasing:
		if f.Of.DType == t.DType {
			return n.Graph().Fill(f.Value, t)
		}
	case graph.Elementwise:
		in := make([]tensor.Wide, len(n.In()))
		types := make([]tensor.Type, len(in))
		for i, a := range n.In() {
			one := a.Op().(graph.Fill)
			one.Of.Shape = tensor.Dims()
			types[i], in[i] = one.Of, tensor.NewWide(one.Of)
			one.Ref(in[i:i+1], nil)
		}
		if got, err := op.Infer(types); err == nil && len(got) == 1 && got[0].Shape.Rank() == 0 {
			out := []tensor.Wide{tensor.NewWide(got[0])}
			op.Ref(out, in)
			return fillOf(n.Graph(), out[0].Narrow(), t)
		}
	}
	return nil
}

// spread is the fill that a constant of one element, repeated, is; nil if n is
// none.
func spread(n *graph.Inst) *graph.Node {
	if _, ok := n.Op().(Strided); !ok || len(n.In()) != 1 {
		return nil
	}
	c, ok := n.In()[0].Op().(*graph.Const)
	if !ok || c.Value.Shape().Size() != 1 {
		return nil
	}
	return fillOf(n.Graph(), c.Value, n.Out()[0].Type())
}

// foldNow computes n with the code it would run.
func foldNow(n *graph.Inst) []*graph.Node {
	in, out := make([]tensor.Tensor, len(n.In())), make([]tensor.Tensor, len(n.Out()))
	for i, a := range n.In() {
		in[i] = constant(a)
	}
	var a kernel.Args
	for _, t := range in {
		a.In = append(a.In, t.Bytes())
	}
	for i, y := range n.Out() {
		out[i] = tensor.New(y.Type())
		a.Out = append(a.Out, out[i].Bytes())
	}
	runSerially(codeOf(n), &a)
	nodes := make([]*graph.Node, len(out))
	for i, t := range out {
		if nodes[i] = fillOf(n.Graph(), t, t.Type()); nodes[i] == nil {
			nodes[i] = n.Graph().Constant(t)
		}
	}
	return nodes
}

// constant is the value of a node that is one. It may lie anywhere: what is folded
// runs once.
func constant(n *graph.Node) tensor.Tensor {
	if c, ok := n.Op().(*graph.Const); ok {
		return c.Value
	}
	w := tensor.NewWide(n.Type())
	n.Op().Ref([]tensor.Wide{w}, nil)
	return w.Narrow()
}

// fillOf is a fill of type t whose elements are those of v, if all elements of
// v are the same and a fill can say them; else nil.
func fillOf(g *graph.Graph, v tensor.Tensor, t tensor.Type) *graph.Node {
	size, mem := v.DType().Size(), v.Bytes()
	if len(mem) < size || len(mem) > foldBytes && !bytes.Equal(mem[:size], mem[size:2*size]) {
		return nil
	}
	for at := size; at < len(mem); at += size {
		if !bytes.Equal(mem[:size], mem[at:at+size]) {
			return nil
		}
	}
	one, err := tensor.View(tensor.Type{DType: v.DType()}, mem[:size])
	if err != nil {
		return nil
	}
	w := tensor.Widen(one)
	value := 0.0
	if v.DType().Float() {
		value = w.F[0]
	} else {
		value = float64(w.I[0])
	}
	f := graph.Fill{Value: value, Of: one.Type()}
	again := tensor.NewWide(f.Of)
	f.Ref([]tensor.Wide{again}, nil)
	if !bytes.Equal(again.Narrow().Bytes(), mem[:size]) {
		return nil // a large integer, the bits of a NaN
	}
	return g.Fill(value, t)
}
