package ops

import "github.com/ihae/ihae/graph"

// A scaler is an operation with weights [… K] whose results can be scaled and
// moved channel by channel by scaling its weights and moving its bias.
type scaler interface {
	// scaled is n's result times a plus b, both [K], or nil.
	scaled(n *graph.Inst, a, b *graph.Node) *graph.Node
}

// moved is x·a + b as the operation that computes x with other weights, if its
// weights are constants: then, with constants a and b, scaling costs nothing when
// a program runs. Nil otherwise.
func moved(x, a, b *graph.Node) *graph.Node {
	if s, ok := x.Op().(scaler); ok && constants(x.In()[1:]) {
		return s.scaled(x.Inst(), a, b)
	}
	return nil
}

// constants says whether all nodes are known when a program is built.
func constants(nodes []*graph.Node) bool {
	for _, n := range nodes {
		switch n.Op().(type) {
		case *graph.Const, graph.Fill:
		default:
			return false
		}
	}
	return true
}

func (op conv) scaled(n *graph.Inst, a, b *graph.Node) *graph.Node {
	if op.Residual || op.ReLU || op.Clamp {
		return nil
	}
	in := []*graph.Node{n.In()[0], Mul(n.In()[1], a), b}
	if len(n.In()) == 3 {
		in[2] = Add(Mul(n.In()[2], a), b)
	}
	return graph.Apply1(op, in...)
}

func (op linear) scaled(n *graph.Inst, a, b *graph.Node) *graph.Node {
	if op.ReLU {
		return nil
	}
	in := []*graph.Node{n.In()[0], Mul(n.In()[1], a), b}
	if len(n.In()) == 3 {
		in[2] = Add(Mul(n.In()[2], a), b)
	}
	return graph.Apply1(op, in...)
}
