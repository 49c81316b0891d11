package tensorflow

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

func mapKeys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// region is nodes that see each other: a graph, or the body of a function.
type region struct {
	nodes  []*Node
	byName map[string]*Node
	frames map[*Node]*frame // the loops of nodes within loops
	exits  map[*Node]*frame // the loops of nodes that give their results
	taken  map[*Node][]*Node
}

// ref is result i of a node; i is -1 where only the order counts.
type ref struct {
	node *Node
	i    int
}

func newRegion(nodes []*Node) (*region, error) {
	r := &region{nodes: nodes, byName: make(map[string]*Node, len(nodes))}
	for _, n := range nodes {
		if _, twice := r.byName[n.Name]; twice || n.Name == "" {
			return nil, &FormatError{n.at, fmt.Sprintf("two nodes with the name %q, or none", n.Name)}
		}
		r.byName[n.Name] = n
	}
	for _, n := range nodes {
		for _, in := range n.Inputs {
			if _, err := r.parse(in); err != nil {
				return nil, &FormatError{n.at, fmt.Sprintf("node %q: %v", n.Name, err)}
			}
		}
	}
	return r, nil
}

// parse reads "node", "node:i" or "^node".
func (r *region) parse(s string) (ref, error) {
	if name, ok := strings.CutPrefix(s, "^"); ok {
		if n := r.byName[name]; n != nil {
			return ref{n, -1}, nil
		}
		return ref{}, fmt.Errorf("there is no node %q", name)
	}
	name, i := s, 0
	if at := strings.LastIndexByte(s, ':'); at >= 0 {
		v, err := strconv.Atoi(s[at+1:])
		if err != nil || v < 0 || v > 1<<20 {
			return ref{}, fmt.Errorf("%q is no result of a node", s)
		}
		name, i = s[:at], v
	}
	if n := r.byName[name]; n != nil {
		return ref{n, i}, nil
	}
	return ref{}, fmt.Errorf("there is no node %q", name)
}

// inputs is what a node takes, in order; inputs that only order are left out
// unless control is asked for.
func (r *region) inputs(n *Node, control bool) []ref {
	var list []ref
	for _, in := range n.Inputs {
		if p, err := r.parse(in); err == nil && (p.i >= 0 || control) {
			list = append(list, p)
		}
	}
	return list
}

// users is the nodes that take results of a node, or wait for it.
func (r *region) users(n *Node) []*Node {
	if r.taken == nil {
		r.taken = make(map[*Node][]*Node, len(r.nodes))
		for _, u := range r.nodes {
			for _, p := range r.inputs(u, true) {
				r.taken[p.node] = append(r.taken[p.node], u)
			}
		}
	}
	return r.taken[n]
}

// silent is operations whose results nobody waits for.
var silent = map[string]bool{"Assert": true, "NoOp": true, "Const": true, "Placeholder": true, "PlaceholderWithDefault": true}

// leaves is the results that no node takes, in the file's order.
func (r *region) leaves() []string {
	taken := map[*Node]bool{}
	for _, n := range r.nodes {
		if silent[n.Op] {
			continue // that it looks at a result does not make it less of one
		}
		for _, p := range r.inputs(n, false) {
			taken[p.node] = true
		}
	}
	var list []string
	for _, n := range r.nodes {
		if !taken[n] && !silent[n.Op] && r.frames[n] == nil {
			list = append(list, n.Name)
		}
	}
	return list
}

// needed is the nodes that results need.
func (r *region) needed(refs []ref) []*Node {
	seen := map[*Node]bool{}
	var list []*Node
	todo := slices.Clone(refs)
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[p.node] {
			continue
		}
		seen[p.node] = true
		list = append(list, p.node)
		todo = append(todo, r.inputs(p.node, false)...)
	}
	return list
}
