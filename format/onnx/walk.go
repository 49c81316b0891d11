package onnx

import "iter"

// AllNodes goes through every node of m: of its graph, of the graphs within, and of
// its functions.
func (m *Model) AllNodes() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		ok := m.Graph == nil || m.Graph.AllNodes(yield)
		for _, f := range m.Functions {
			ok = ok && eachNode(f.Nodes, yield)
		}
	}
}

// AllNodes calls yield for every node of g and of the graphs within, until it
// returns false; then AllNodes does too.
func (g *Graph) AllNodes(yield func(*Node) bool) bool { return eachNode(g.Nodes, yield) }

func eachNode(nodes []*Node, yield func(*Node) bool) bool {
	for _, n := range nodes {
		if !yield(n) {
			return false
		}
		for _, g := range n.Graphs() {
			if !g.AllNodes(yield) {
				return false
			}
		}
	}
	return true
}

// Graphs is the graphs among n's attributes.
func (n *Node) Graphs() []*Graph {
	var all []*Graph
	for i := range n.Attrs {
		if g := n.Attrs[i].Graph; g != nil {
			all = append(all, g)
		}
		all = append(all, n.Attrs[i].Graphs...)
	}
	return all
}

// Tensors goes through every tensor of m: initialisers, attributes and what
// attributes of functions are by default.
func (m *Model) Tensors() iter.Seq[*Tensor] {
	return func(yield func(*Tensor) bool) {
		if m.Graph == nil || !eachTensor(m.Graph.Inits, yield) {
			return
		}
		for n := range m.AllNodes() {
			if !attrTensors(n.Attrs, yield) {
				return
			}
		}
		for _, f := range m.Functions {
			if !attrTensors(f.AttrDefaults, yield) {
				return
			}
		}
	}
}

// attrTensors calls yield for the tensors of attributes and the initialisers of
// their graphs, until it returns false.
func attrTensors(attrs []Attr, yield func(*Tensor) bool) bool {
	for i := range attrs {
		a := &attrs[i]
		if a.Tensor != nil && !yield(a.Tensor) || !eachTensor(a.Tensors, yield) {
			return false
		}
		if a.Graph != nil && !eachTensor(a.Graph.Inits, yield) {
			return false
		}
		for _, g := range a.Graphs {
			if !eachTensor(g.Inits, yield) {
				return false
			}
		}
	}
	return true
}

func eachTensor(ts []*Tensor, yield func(*Tensor) bool) bool {
	for _, t := range ts {
		if !yield(t) {
			return false
		}
	}
	return true
}
