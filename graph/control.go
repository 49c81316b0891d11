package graph

import "fmt"

// Flow is how an operation of control flow runs its bodies.
type Flow struct {
	Kind    FlowKind
	Carry   int  // operands that are carried from step to step
	Consts  int  // operands that every step reads whole
	Length  int  // steps of a scan
	Reverse bool // a scan goes from the last step to the first
}

// FlowKind is the kind of control flow.
type FlowKind uint8

// The kinds, by operands, bodies and results.
const (
	// FlowIf takes a bool [] and arguments. It has two bodies, which take the
	// arguments; its results are those of the first body if the bool is true,
	// else those of the second.
	FlowIf FlowKind = iota
	// FlowWhile takes carries and constants. As long as its first body, of both,
	// gives true, its second, of both, gives the next carries. Its results are
	// the last carries.
	FlowWhile
	// FlowScan takes carries, constants and arrays whose first axis is time. Its
	// body takes carries, constants and the arrays at one time, and gives the
	// next carries and results at that time. Its results are the last carries
	// and arrays of the body's results over time.
	FlowScan
)

// Flowing is an operation of control flow: plans compile its bodies in place.
type Flowing interface {
	Bodied
	Flow() Flow
	// WithBodies is the same operation with other bodies, which take and give
	// what the operation's own do.
	WithBodies(bodies []*Func) Op
}

// Ruled is a Differentiable whose gradient differentiates its bodies, where
// rules by name replace those of the operations there.
type Ruled interface {
	Differentiable
	VJPWith(rules map[string]Rule, ct []*Node, n *Inst) []*Node
}

// Pruner is an Op that can leave out results nobody uses.
type Pruner interface {
	Op
	// Prune returns an operation and operands that give what is used of n's
	// results in less work; result i of n is result at[i] of it, -1 for what is
	// not used. ok is false if there is nothing to leave out.
	Prune(n *Inst, used []bool) (op Op, in []*Node, at []int, ok bool)
}

// Merger is an Op that can compute at once what another one computes from the
// same operands.
type Merger interface {
	Op
	// Merge returns an operation that takes the operands of both and gives the
	// results of the receiver, then those of other that are not among them;
	// result i of other is its result at[i].
	Merge(other Op) (op Op, at []int, ok bool)
}

// Keeper is an Op that says which of its results a scan stores for its gradient
// rather than computing them again.
type Keeper interface {
	Op
	Keeps() []bool
}

// Body returns an empty graph for a body of control flow in g. Where nodes of g,
// or of graphs that g is the body of, are used with nodes of the body, they are
// captured: they become leaves of the body, which [Graph.Captured] lists.
// Constants, and what is larger than its one operand, are made again instead.
func (g *Graph) Body() *Graph {
	b := New()
	b.parent = g
	return b
}

// Captured is the nodes of the surrounding graph that the body uses, and the
// leaves that they are in the body.
func (g *Graph) Captured() (outer, inner []*Node) { return g.outer, g.inner }

// Adopt makes the mistake of a body, if there is one, that of g.
func (g *Graph) Adopt(body *Graph) {
	if g.err == nil {
		g.err = body.err
	}
}

// capture is n as a node of g, or nil if n's graph does not surround g.
func (g *Graph) capture(n *Node) *Node {
	if n.inst.g == g || g.parent == nil {
		if n.inst.g != g {
			return nil
		}
		return n
	}
	if n = g.parent.capture(n); n == nil {
		return nil
	}
	for i, o := range g.outer {
		if o == n {
			return g.inner[i]
		}
	}
	if _, flow := n.inst.op.(Bodied); !flow && len(n.inst.out) == 1 {
		switch {
		case len(n.inst.in) == 0 && !isLeaf(n):
			return g.apply(n.inst.op, nil)[0]
		case len(n.inst.in) == 1 && n.typ.Bytes() > n.inst.in[0].typ.Bytes():
			return g.apply(n.inst.op, []*Node{g.capture(n.inst.in[0])})[0]
		}
	}
	leaf := g.Leaf(fmt.Sprint("captured.", len(g.outer)), n.typ).Named(n.name)
	g.outer, g.inner = append(g.outer, n), append(g.inner, leaf)
	return leaf
}

func isLeaf(n *Node) bool {
	_, ok := n.inst.op.(Leaf)
	return ok
}

// innermost is the graph among those of nodes that lies within all others, or
// the first's if there is none.
func innermost(nodes []*Node) *Graph {
	g := nodes[0].inst.g
	for _, n := range nodes[1:] {
		for b := n.inst.g; b != nil && n.inst.g != g; b = b.parent {
			if b == g {
				g = n.inst.g
			}
		}
	}
	return g
}

// FLOPs is the floating-point operations that n takes.
func FLOPs(n *Inst) int64 {
	if c, ok := n.op.(Costed); ok {
		return c.FLOPs(n.InTypes(), n.OutTypes())
	}
	total := int64(0)
	for _, y := range n.out {
		total += int64(y.typ.Shape.Size())
	}
	return total
}

// MACs is the multiply-adds of n; 0 for operations that are no contraction.
func MACs(n *Inst) int64 {
	if c, ok := n.op.(Contracting); ok {
		return c.MACs(n.InTypes(), n.OutTypes())
	}
	return 0
}

// MACs is the multiply-adds that one run of f takes.
func (f *Func) MACs() int64 {
	total := int64(0)
	for _, n := range Reachable(f.Out) {
		total += MACs(n)
	}
	return total
}

// FLOPs is the floating-point operations that one run of f takes.
func (f *Func) FLOPs() int64 {
	total := int64(0)
	for _, n := range Reachable(f.Out) {
		switch n.op.(type) {
		case Leaf, *Const, Fill:
		default:
			total += FLOPs(n)
		}
	}
	return total
}

// Own is n as a node of the body g: n itself, or what it is captured as.
func (g *Graph) Own(n *Node) *Node {
	if c := g.capture(n); c != nil {
		return c
	}
	return n
}
