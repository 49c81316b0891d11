package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Broadcast stretches nodes to one shape by NumPy's rule: shapes are aligned at
// their last axes, and an axis of size one, or one that is not there, repeats.
// Shapes that do not fit are left as they are: the operation they are for
// refuses them.
func Broadcast(nodes ...*graph.Node) []*graph.Node {
	shape, ok := broadcastShape(nodes)
	if !ok {
		return nodes
	}
	out := make([]*graph.Node, len(nodes))
	for i, n := range nodes {
		out[i] = stretch(n, shape)
	}
	return out
}

// broadcastShape is the shape that all nodes stretch to.
func broadcastShape(nodes []*graph.Node) (tensor.Shape, bool) {
	shape := nodes[0].Shape()
	for _, n := range nodes[1:] {
		s := n.Shape()
		if s == shape {
			continue
		}
		if s.Rank() > shape.Rank() {
			s, shape = shape, s
		}
		for i, o := 0, shape.Rank()-s.Rank(); i < s.Rank(); i++ {
			switch d := shape.Dim(o + i); {
			case d == s.Dim(i) || s.Dim(i) == 1:
			case d == 1:
				shape = shape.With(o+i, s.Dim(i))
			default:
				return shape, false
			}
		}
	}
	return shape, true
}

// stretch broadcasts n to shape, aligned at the last axes.
func stretch(n *graph.Node, shape tensor.Shape) *graph.Node {
	if n.Shape() == shape {
		return n
	}
	axes := make([]int, n.Shape().Rank())
	for i := range axes {
		axes[i] = shape.Rank() - len(axes) + i
	}
	return BroadcastInDim(n, shape, axes...)
}

// binary applies an operation to two nodes stretched to one shape.
func binary(op graph.Op, a, b *graph.Node) *graph.Node {
	return graph.Apply1(op, Broadcast(a, b)...)
}
