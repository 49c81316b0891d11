package export

import (
	"slices"

	"github.com/ihae/ihae/format/onnx"
)

// prune removes nodes and initialisers that nothing needs.
func prune(g *onnx.Graph) {
	need := map[string]bool{}
	for _, p := range g.Outputs {
		need[p.Name] = true
	}
	var kept []*onnx.Node
	for _, n := range slices.Backward(g.Nodes) {
		if slices.ContainsFunc(n.Out, func(name string) bool { return need[name] }) {
			kept = append(kept, n)
			needs(n, need)
		}
	}
	slices.Reverse(kept)
	g.Nodes = kept
	g.Inits = slices.DeleteFunc(g.Inits, func(t *onnx.Tensor) bool { return !need[t.Name] })
}

// needs marks the values that n uses, itself or in its graphs.
func needs(n *onnx.Node, need map[string]bool) {
	for _, name := range n.In {
		need[name] = true
	}
	for _, g := range n.Graphs() {
		for _, inner := range g.Nodes {
			needs(inner, need)
		}
		for _, p := range g.Outputs {
			need[p.Name] = true
		}
	}
}
