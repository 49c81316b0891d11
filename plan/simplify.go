package plan

import "github.com/ihae/ihae/graph"

// simplify asks the operation for a simpler equal.
func simplify(n *graph.Inst) []*graph.Node {
	s, ok := n.Op().(graph.Simplifier)
	if !ok {
		return nil
	}
	return s.Simplify(n)
}
