package export

import (
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
)

// label remembers the name of a layer for its result, or for what that is a
// transposition of.
func (w *writer) label(v, name string) {
	if t := w.of(v).turn; t != nil {
		v = t.of
	}
	if name == "" || w.renamed[v] != "" || !w.computes(v) {
		return
	}
	w.renamed[v] = w.fresh(name)
}

// rename gives values the names of their layers, tensors that are others
// transposed the others' names, where those are not needed as they were, and nodes
// the names of their results.
func (w *writer) rename(g *onnx.Graph) {
	used := map[string][]int{} // what permutation of itself a tensor is held as
	for _, t := range g.Inits {
		if _, ok := w.folded[t.Name]; !ok {
			used[t.Name] = identity(t)
		}
	}
	var front []*onnx.Node
	g.Inits = slices.DeleteFunc(g.Inits, func(t *onnx.Tensor) bool {
		f, ok := w.folded[t.Name]
		if !ok {
			return false
		}
		held, ok := used[f.of]
		if !ok {
			w.renamed[t.Name] = f.of
			t.Name, used[f.of] = f.of, f.perm
			return false
		}
		perm := graph.Attribute{Name: "perm", Value: after(inverse(held), f.perm)} // held once: other forms are computed
		front = append(front, &onnx.Node{Op: "Transpose", In: []string{f.of}, Out: []string{t.Name}, Attrs: []onnx.Attr{w.attr(perm)}})
		return true
	})
	g.Nodes = append(front, g.Nodes...)
	w.renameGraph(g)
}

// identity is the permutation that leaves the axes of t as they are.
func identity(t *onnx.Tensor) []int {
	perm := make([]int, len(t.Dims))
	for i := range perm {
		perm[i] = i
	}
	return perm
}

func (w *writer) renameGraph(g *onnx.Graph) {
	apply := func(names []string) {
		for i, name := range names {
			if to, ok := w.renamed[name]; ok {
				names[i] = to
			}
		}
	}
	for _, n := range g.Nodes {
		apply(n.In)
		apply(n.Out)
		n.Name = n.Out[0]
		for _, body := range n.Graphs() {
			w.renameGraph(body)
		}
	}
	for _, p := range g.Outputs {
		if to, ok := w.renamed[p.Name]; ok {
			p.Name = to
		}
	}
}
