package onnx

import "fmt"

// Check says what is wrong with the structure of m: values used before they are
// computed or computed twice, which a cycle comes down to, and outputs that
// nothing computes.
func (m *Model) Check() error {
	if err := checkGraph(m.Graph, nil); err != nil {
		return err
	}
	for _, f := range m.Functions {
		s := &scope{names: map[string]bool{}}
		for _, name := range f.In {
			s.names[name] = true
		}
		if err := s.nodes(f.Nodes, fmt.Sprintf("function %q", f.Name)); err != nil {
			return err
		}
		for _, name := range f.Out {
			if !s.has(name) && name != "" {
				return broken("nothing computes output %q of function %q", name, f.Name)
			}
		}
	}
	return nil
}

// scope is the values that a graph computes, in the scopes around it.
type scope struct {
	names map[string]bool
	outer *scope
}

func (s *scope) has(name string) bool {
	for ; s != nil; s = s.outer {
		if s.names[name] {
			return true
		}
	}
	return false
}

func broken(reason string, args ...any) error {
	return &FormatError{-1, fmt.Sprintf(reason, args...)}
}

func checkGraph(g *Graph, outer *scope) error {
	s := &scope{map[string]bool{}, outer}
	for _, p := range g.Inputs {
		if s.names[p.Name] || p.Name == "" {
			return broken("graph %q has two inputs %q", g.Name, p.Name)
		}
		s.names[p.Name] = true
	}
	seen := map[string]bool{}
	for _, t := range g.Inits {
		if seen[t.Name] || t.Name == "" {
			return broken("graph %q has two initialisers %q", g.Name, t.Name)
		}
		seen[t.Name], s.names[t.Name] = true, true
	}
	if err := s.nodes(g.Nodes, fmt.Sprintf("graph %q", g.Name)); err != nil {
		return err
	}
	for _, p := range g.Outputs {
		if !s.has(p.Name) && p.Name != "" {
			return broken("nothing computes output %q of graph %q", p.Name, g.Name)
		}
	}
	return nil
}

func (s *scope) nodes(nodes []*Node, where string) error {
	for i, n := range nodes {
		for _, name := range n.In {
			if name != "" && !s.has(name) {
				return broken("%s of %s uses %q, which nothing computes before it", n.Title(i), where, name)
			}
		}
		for _, g := range n.Graphs() {
			if err := checkGraph(g, s); err != nil {
				return err
			}
		}
		for _, name := range n.Out {
			if name == "" {
				continue
			}
			if s.names[name] {
				return broken("%s of %s computes %q, which is there already", n.Title(i), where, name)
			}
			s.names[name] = true
		}
	}
	return nil
}

// Title names n for people; i is its place in its graph.
func (n *Node) Title(i int) string {
	if n.Name != "" {
		return fmt.Sprintf("node %q (%s)", n.Name, n.OpName())
	}
	return fmt.Sprintf("node %d (%s)", i, n.OpName())
}

// OpName is the operator with its domain, if it is not ONNX's own.
func (n *Node) OpName() string {
	if n.Domain == "" {
		return n.Op
	}
	return n.Domain + "." + n.Op
}
