package graph

import (
	"fmt"
	"sync"

	"github.com/ihae/ihae/tensor"
)

// Func is a graph with chosen inputs and outputs: what is compiled, called,
// inlined, and the body of control flow.
type Func struct {
	Name string
	In   []*Node // leaves
	Out  []*Node

	once sync.Once
	key  string
}

// NewFunc checks that in are leaves of the graph of out and that out needs no
// other leaf. It reports the graph's first mistake.
func NewFunc(name string, in, out []*Node) (*Func, error) {
	if len(out) == 0 {
		return nil, fmt.Errorf("graph: function %s has no outputs", name)
	}
	g := out[0].inst.g
	if g.err != nil {
		return nil, g.err
	}
	known := map[*Node]bool{}
	for _, n := range in {
		if _, ok := n.Op().(Leaf); !ok || n.inst.g != g {
			return nil, fmt.Errorf("graph: input %v of function %s is not a leaf of its graph", n, name)
		}
		if known[n] {
			return nil, fmt.Errorf("graph: input %v of function %s is listed twice", n, name)
		}
		known[n] = true
	}
	for _, n := range out {
		if n.inst.g != g {
			return nil, fmt.Errorf("graph: outputs of function %s belong to two graphs", name)
		}
	}
	for _, n := range Reachable(out) {
		if l, ok := n.op.(Leaf); ok && !known[n.out[0]] {
			return nil, fmt.Errorf("graph: function %s needs leaf %q, which is not among its inputs", name, l.Label)
		}
	}
	return &Func{Name: name, In: in, Out: out}, nil
}

// Reachable lists the instructions that nodes depend on, operands before users.
func Reachable(nodes []*Node) []*Inst {
	if len(nodes) == 0 {
		return nil
	}
	g := nodes[0].inst.g
	need := make([]bool, len(g.insts))
	last := 0
	for _, n := range nodes {
		need[n.inst.id] = true
		last = max(last, n.inst.id)
	}
	count := 0
	for id := last; id >= 0; id-- {
		if need[id] {
			count++
			for _, n := range g.insts[id].in {
				need[n.inst.id] = true
			}
		}
	}
	order := make([]*Inst, 0, count)
	for id := 0; id <= last; id++ {
		if need[id] {
			order = append(order, g.insts[id])
		}
	}
	return order
}

// InTypes is the types of f's inputs.
func (f *Func) InTypes() []tensor.Type { return types(f.In) }

// OutTypes is the types of f's outputs.
func (f *Func) OutTypes() []tensor.Type { return types(f.Out) }

// Call is a function as a single node: what a reader of the graph must see as
// one thing, though its definition is made of smaller ones. Plans dissolve it.
type Call struct{ Body *Func }

// Name implements Op.
func (c Call) Name() string { return c.Body.Name }

// Bodies implements Bodied.
func (c Call) Bodies() []*Func { return []*Func{c.Body} }

// Key implements Keyed: calls of equal bodies are one.
func (c Call) Key() string { return c.Body.Key() }

// FLOPs implements Costed.
func (c Call) FLOPs(_, _ []tensor.Type) int64 { return c.Body.FLOPs() }

// MACs implements Contracting.
func (c Call) MACs(_, _ []tensor.Type) int64 { return c.Body.MACs() }

// Infer implements Op.
func (c Call) Infer(in []tensor.Type) ([]tensor.Type, error) {
	want := c.Body.InTypes()
	if len(in) != len(want) {
		return nil, fmt.Errorf("want %d operands", len(want))
	}
	for i, t := range want {
		if in[i] != t {
			return nil, fmt.Errorf("operand %d must be %v", i, t)
		}
	}
	return c.Body.OutTypes(), nil
}

// Ref implements Op.
func (c Call) Ref(out, in []tensor.Wide) {
	for i, w := range Eval(c.Body, in) {
		copy(out[i].F, w.F)
		copy(out[i].I, w.I)
	}
}

// VJP implements Differentiable: the gradient of the body, inlined.
func (c Call) VJP(ct []*Node, n *Inst) []*Node { return c.VJPWith(nil, ct, n) }

// VJPWith implements Ruled.
func (c Call) VJPWith(rules map[string]Rule, ct []*Node, n *Inst) []*Node {
	g := n.g
	inner := New()
	args := make([]*Node, len(c.Body.In))
	for i, l := range c.Body.In {
		args[i] = inner.Leaf(fmt.Sprint("in", i), l.typ)
	}
	outs := inner.Inline(c.Body, args...)
	var ys, seeds []*Node
	outer := append([]*Node{}, n.in...)
	leaves := append([]*Node{}, args...)
	for i, y := range outs {
		if ct[i] != nil {
			s := inner.Leaf(fmt.Sprint("ct", i), y.typ)
			ys, seeds = append(ys, y), append(seeds, s)
			leaves, outer = append(leaves, s), append(outer, ct[i])
		}
	}
	grads := Backward{Of: ys, Seeds: seeds, Rules: rules}.Grad(args...)
	f, err := NewFunc(c.Body.Name+"-grad", leaves, grads)
	if err != nil {
		g.Fail(c.Body.Name, err)
		return n.in
	}
	cts := g.Inline(f, outer...)
	for i, x := range n.in {
		if !x.typ.DType.Float() {
			cts[i] = nil
		}
	}
	return cts
}
