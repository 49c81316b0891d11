package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// What the operations of control flow have in common.

// fitsBody says whether a body takes in.
func fitsBody(f *graph.Func, in []tensor.Type) error {
	want := f.InTypes()
	if len(in) != len(want) {
		return fmt.Errorf("%s takes %d inputs, it is given %d", f.Name, len(want), len(in))
	}
	for i, t := range want {
		if in[i] != t {
			return fmt.Errorf("input %d of %s is %v, it is given %v", i, f.Name, t, in[i])
		}
	}
	return nil
}

// gives says whether the first outputs of a body are of types want.
func gives(f *graph.Func, want []tensor.Type) error {
	got := f.OutTypes()
	if len(got) < len(want) {
		return fmt.Errorf("%s gives %d results, want %d", f.Name, len(got), len(want))
	}
	for i, t := range want {
		if got[i] != t {
			return fmt.Errorf("result %d of %s is %v, want %v", i, f.Name, got[i], t)
		}
	}
	return nil
}

// bodyOf builds a function of inputs of the given types.
func bodyOf(name string, in []tensor.Type, build func(in []*graph.Node) []*graph.Node) *graph.Func {
	g := graph.New()
	leaves := leavesOf(g, "in", in)
	return must(graph.NewFunc(name, leaves, build(leaves)))
}

// must is for bodies of this package's own making.
func must(f *graph.Func, err error) *graph.Func {
	if err != nil {
		panic(err)
	}
	return f
}

func leavesOf(g *graph.Graph, label string, types []tensor.Type) []*graph.Node {
	leaves := make([]*graph.Node, len(types))
	for i, t := range types {
		leaves[i] = g.Leaf(fmt.Sprint(label, ".", i), t)
	}
	return leaves
}

func typesOf(nodes []*graph.Node) []tensor.Type {
	types := make([]tensor.Type, len(nodes))
	for i, n := range nodes {
		types[i] = n.Type()
	}
	return types
}

// captured builds the bodies of control flow among nodes of g: each from leaves
// of the types in[i] by build[i]. What they use of g follows the inputs of every
// body, the same in all; it is returned too. ok is false after a mistake.
func captured(g *graph.Graph, name string, in [][]tensor.Type, build ...func(b *graph.Graph, in []*graph.Node) []*graph.Node) (bodies []*graph.Func, outer []*graph.Node, ok bool) {
	graphs := make([]*graph.Graph, len(build))
	leaves, outs := make([][]*graph.Node, len(build)), make([][]*graph.Node, len(build))
	for i, f := range build {
		graphs[i] = g.Body()
		leaves[i] = leavesOf(graphs[i], "in", in[i])
		outs[i] = owned(graphs[i], f(graphs[i], leaves[i]))
		g.Adopt(graphs[i])
		if g.Err() != nil {
			return nil, nil, false
		}
		from, _ := graphs[i].Captured()
		outer = union(outer, from)
	}
	for i, b := range graphs {
		from, to := b.Captured()
		for k, n := range outer {
			at := index(from, n)
			if at < 0 {
				leaves[i] = append(leaves[i], b.Leaf(fmt.Sprint("unused.", k), n.Type()))
			} else {
				leaves[i] = append(leaves[i], to[at])
			}
		}
		f, err := graph.NewFunc(name, leaves[i], outs[i])
		if err != nil {
			g.Fail(name, err)
			return nil, nil, false
		}
		bodies = append(bodies, f)
	}
	return bodies, outer, true
}

// owned makes outputs that belong to a surrounding graph nodes of b.
func owned(b *graph.Graph, out []*graph.Node) []*graph.Node {
	mine := make([]*graph.Node, len(out))
	for i, n := range out {
		mine[i] = b.Own(n)
	}
	return mine
}

func union(a, b []*graph.Node) []*graph.Node {
	for _, n := range b {
		if index(a, n) < 0 {
			a = append(a, n)
		}
	}
	return a
}

func index(nodes []*graph.Node, n *graph.Node) int {
	for i, m := range nodes {
		if m == n {
			return i
		}
	}
	return -1
}

// stand is n nodes to go on with after a mistake.
func stand(n *graph.Node, count int) []*graph.Node {
	all := make([]*graph.Node, count)
	for i := range all {
		all[i] = n
	}
	return all
}

// copyWide copies the elements of src, of any type, to dst.
func copyWide(dst, src tensor.Wide) {
	copy(dst.F, src.F)
	copy(dst.I, src.I)
}

// at is element t of the first axis of w, not copied.
func at(w tensor.Wide, t int) tensor.Wide {
	one := tensor.Wide{Type: w.Type}
	one.Type.Shape = w.Type.Shape.Without(0)
	n := one.Type.Shape.Size()
	if w.F != nil {
		one.F = w.F[t*n : (t+1)*n]
	}
	if w.I != nil {
		one.I = w.I[t*n : (t+1)*n]
	}
	return one
}
