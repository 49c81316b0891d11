package plan

import "github.com/ihae/ihae/graph"

// dissolve puts the body of a call in its place: a reader of the graph sees one
// node, a program computes what it is made of.
func dissolve(n *graph.Inst) []*graph.Node {
	c, ok := n.Op().(graph.Call)
	if !ok {
		return nil
	}
	return n.Graph().Inline(c.Body, n.In()...)
}
