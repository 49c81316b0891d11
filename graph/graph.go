// Package graph is the intermediate representation: operations applied to
// values in static single assignment, their types, and gradients as graphs.
// It knows no concrete operation beyond the few that building and
// differentiating need: leaves, constants, calls, and the sum of cotangents.
package graph

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/ihae/ihae/tensor"
)

// Graph is a computation under construction. The first mistake sticks: later
// operations do nothing, and Err reports the mistake once. A Graph must not be
// used by several goroutines at once.
type Graph struct {
	insts  []*Inst
	leaves map[string]*Node
	seen   map[instKey]*Inst
	err    error

	parent       *Graph  // that this is a body in; nil for none
	outer, inner []*Node // what it captured
}

// Inst is an operation applied to operands.
type Inst struct {
	g   *Graph
	id  int
	op  Op
	in  []*Node
	out []*Node
}

// Node is one value: a result of an instruction.
type Node struct {
	inst  *Inst
	index int
	typ   tensor.Type
	name  string
}

// instKey identifies an instruction: equal ones are one.
type instKey struct {
	op  any    // the Op itself, or keyedOp
	ins string // the operands' ids and result indices
}

type keyedOp struct{ name, key string }

// New returns an empty graph.
func New() *Graph { return &Graph{leaves: map[string]*Node{}, seen: map[instKey]*Inst{}} }

// Err is the first mistake made while building, or nil.
func (g *Graph) Err() error { return g.err }

// Fail records a mistake that is not one of types, such as a missing gradient
// or an argument out of range, with the line of the model that made it. Only
// the first mistake counts.
func (g *Graph) Fail(op string, err error) {
	if g.err == nil {
		g.err = &Error{Op: op, Site: callSite(), Err: err}
	}
}

// Insts is the instructions in an order in which operands come before users.
// The caller must not change it.
func (g *Graph) Insts() []*Inst { return g.insts }

// Op is the operation.
func (n *Inst) Op() Op { return n.op }

// In is the operands. The caller must not change it.
func (n *Inst) In() []*Node { return n.in }

// Out is the results. The caller must not change it.
func (n *Inst) Out() []*Node { return n.out }

// ID is the instruction's place in the graph's order.
func (n *Inst) ID() int { return n.id }

// Graph is the graph the instruction belongs to.
func (n *Inst) Graph() *Graph { return n.g }

// InTypes is the operands' types.
func (n *Inst) InTypes() []tensor.Type { return types(n.in) }

// OutTypes is the results' types.
func (n *Inst) OutTypes() []tensor.Type { return types(n.out) }

func (n *Inst) String() string {
	return fmt.Sprintf("%%%d = %s%v → %v", n.id, n.op.Name(), n.InTypes(), n.OutTypes())
}

func types(nodes []*Node) []tensor.Type {
	t := make([]tensor.Type, len(nodes))
	for i, n := range nodes {
		t[i] = n.typ
	}
	return t
}

// afterMistake has every axis there can be, each of size one, so that a model
// which asks for an axis is not stopped by a second mistake before it can
// report the first.
var afterMistake = tensor.F32(1, 1, 1, 1, 1, 1, 1, 1)

// Type is the element type and shape; after a mistake, a shape of ones.
func (n *Node) Type() tensor.Type {
	if n.inst.g.err != nil {
		return afterMistake
	}
	return n.typ
}

// Shape is Type().Shape.
func (n *Node) Shape() tensor.Shape { return n.Type().Shape }

// DType is Type().DType.
func (n *Node) DType() tensor.DType { return n.Type().DType }

// Inst is the instruction that computes n.
func (n *Node) Inst() *Inst { return n.inst }

// Index is n's place among the results of its instruction.
func (n *Node) Index() int { return n.index }

// Op is the operation that computes n.
func (n *Node) Op() Op { return n.inst.op }

// In is the operands of the instruction that computes n.
func (n *Node) In() []*Node { return n.inst.in }

// Graph is the graph n belongs to.
func (n *Node) Graph() *Graph { return n.inst.g }

// Named gives n a name for people, such as the layer it comes from, and
// returns n. The first name stays.
func (n *Node) Named(name string) *Node {
	if n.name == "" {
		n.name = name
	}
	return n
}

// Name is the name given with Named, or empty.
func (n *Node) Name() string { return n.name }

func (n *Node) String() string {
	return fmt.Sprintf("%%%d.%d:%s:%v", n.inst.id, n.index, n.inst.op.Name(), n.typ)
}

// Apply adds op(in...) to the graph of its operands, or returns the results of
// the instruction that is it already. in must not be empty: see [Graph.Source].
func Apply(op Op, in ...*Node) []*Node { return innermost(in).apply(op, in) }

// Apply1 is the only result of Apply.
func Apply1(op Op, in ...*Node) *Node { return Apply(op, in...)[0] }

// Source adds an operation without operands.
func (g *Graph) Source(op Op) []*Node { return g.apply(op, nil) }

func (g *Graph) apply(op Op, in []*Node) []*Node {
	if g.err != nil {
		return g.stand(op, in)
	}
	if g.parent != nil {
		in = slices.Clone(in)
	}
	for i, n := range in {
		if n.inst.g != g && g.parent != nil {
			if c := g.capture(n); c != nil {
				in[i] = c
				continue
			}
		}
		if n.inst.g != g {
			g.err = &Error{Op: op.Name(), In: types(in), Site: callSite(), Err: fmt.Errorf("%v belongs to another graph", n)}
			return g.stand(op, in)
		}
	}
	k := keyOf(op, in)
	if n, ok := g.seen[k]; ok {
		return n.out
	}
	out, err := op.Infer(types(in))
	if err != nil {
		g.err = &Error{Op: op.Name(), In: types(in), Site: callSite(), Err: err}
		return g.stand(op, in)
	}
	n := &Inst{g: g, id: len(g.insts), op: op, in: slices.Clone(in)}
	n.out = make([]*Node, len(out))
	for i, t := range out {
		n.out[i] = &Node{inst: n, index: i, typ: t}
	}
	g.insts = append(g.insts, n)
	g.seen[k] = n
	return n.out
}

// stand gives results to go on with after a mistake: as many as anybody asks for.
func (g *Graph) stand(op Op, in []*Node) []*Node {
	n := &Inst{g: g, id: len(g.insts), op: op, in: in}
	n.out = make([]*Node, max(8, results(op)))
	for i := range n.out {
		n.out[i] = &Node{inst: n, index: i, typ: afterMistake}
	}
	return n.out
}

// results is how many results an op that runs a graph has; 0 for others.
func results(op Op) int {
	n := 0
	if b, ok := op.(Bodied); ok {
		for _, f := range b.Bodies() {
			n = max(n, len(f.Out))
		}
	}
	return n
}

func keyOf(op Op, in []*Node) instKey {
	buf := make([]byte, 0, 32)
	for _, n := range in {
		buf = binary.AppendUvarint(buf, uint64(n.inst.id))
		buf = binary.AppendUvarint(buf, uint64(n.index))
	}
	if k, ok := op.(Keyed); ok {
		return instKey{keyedOp{op.Name(), k.Key()}, string(buf)}
	}
	return instKey{op, string(buf)}
}

// Error says which operation could not take which operands, and where the
// program asked for it.
type Error struct {
	Op   string
	In   []tensor.Type // nil if types are not what is wrong
	Site string        // file.go:line outside the packages that only build nodes
	Err  error
}

func (e *Error) Error() string {
	if e.In == nil {
		return fmt.Sprintf("%s: %s: %v", e.Site, e.Op, e.Err)
	}
	return fmt.Sprintf("%s: %s%v: %v", e.Site, e.Op, e.In, e.Err)
}

// Unwrap gives the operation's own reason.
func (e *Error) Unwrap() error { return e.Err }

// callSite is the nearest caller outside the packages that only build nodes.
func callSite() string {
	pcs := make([]uintptr, 1024)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		if !builder(f.Function) {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
		if !more {
			return "unknown"
		}
	}
}

// builder says whether a function is of a package that builds nodes for others.
func builder(function string) bool {
	for _, p := range []string{"graph", "ops", "nn"} {
		if strings.HasPrefix(function, "github.com/ihae/ihae/"+p+".") {
			return true
		}
	}
	return false
}
