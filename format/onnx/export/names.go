package export

import (
	"strings"

	"github.com/ihae/ihae/format/onnx"
)

// foldedSuffix marks tensors that are others transposed.
const foldedSuffix = ".T"

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
// transposed the others' names, where those are not used, and nodes the names of
// their results.
func (w *writer) rename(g *onnx.Graph) {
	used := map[string]bool{}
	for _, t := range g.Inits {
		used[t.Name] = true
	}
	for _, t := range g.Inits {
		if name, ok := strings.CutSuffix(t.Name, foldedSuffix); ok && !used[name] {
			w.renamed[t.Name] = name
			t.Name = name
		}
	}
	w.renameGraph(g)
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
