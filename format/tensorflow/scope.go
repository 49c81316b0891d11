package tensorflow

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// scope is one graph of the model being built, the whole or the body of a loop
// or a branch, and what nodes of one region gave there.
type scope struct {
	c      *converter
	up     *scope
	b      *onnx.Builder
	region *region
	done   map[*Node][]*value // results of nodes
	inits  map[*value]string  // constants that are in the model
	depth  int
}

// inner is a scope within s for the nodes of a region: with a graph of its own,
// or, without a builder, one more pass over nodes in the same graph.
func (s *scope) inner(r *region, b *onnx.Builder) (*scope, error) {
	if s.depth >= s.c.l.Depth {
		return nil, fmt.Errorf("loops and functions %d deep", s.depth+1)
	}
	if b == nil {
		b = s.b
	}
	return &scope{c: s.c, up: s, b: b, region: r, depth: s.depth + 1}, nil
}

// result finds what was translated already, in s or in a scope around it.
func (s *scope) result(n *Node) ([]*value, bool) {
	for t := s; t != nil; t = t.up {
		if v, ok := t.done[n]; ok {
			return v, true
		}
	}
	return nil, false
}

// set says what the results of a node are.
func (s *scope) set(n *Node, values ...*value) {
	if s.done == nil {
		s.done = map[*Node][]*value{}
	}
	s.done[n] = values
}

// eval translates what results need and returns them. Nodes are worked off in
// an order in which each stands after what it takes.
func (s *scope) eval(refs []ref) ([]*value, error) {
	type visit struct {
		n        *Node
		expanded bool // what it takes stands above it on the stack
	}
	var stack []visit
	push := func(refs []ref) {
		for _, p := range slices.Backward(refs) {
			stack = append(stack, visit{p.node, false})
		}
	}
	push(refs)
	waiting := map[*Node]bool{}
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if _, done := s.result(v.n); done {
			continue
		}
		switch {
		case v.expanded:
			if err := s.translate(v.n); err != nil {
				return nil, err
			}
		case waiting[v.n]:
			return nil, fmt.Errorf("tensorflow: node %q needs its own result", v.n.Name)
		default:
			waiting[v.n] = true
			stack = append(stack, visit{v.n, true})
			push(s.region.needs(v.n))
		}
	}
	out := make([]*value, len(refs))
	for i, p := range refs {
		v, err := s.pick(p)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// pick is a result of a node that was translated.
func (s *scope) pick(p ref) (*value, error) {
	values, ok := s.result(p.node)
	switch {
	case ok && len(values) > 0 && values[0].dead && len(values) == 1:
		return values[0], nil
	case !ok || p.i >= len(values):
		return nil, fmt.Errorf("tensorflow: node %q (%s) has no result %d", p.node.Name, p.node.Op, p.i)
	}
	return values[max(0, p.i)], nil
}

// translate adds a node whose inputs were translated.
func (s *scope) translate(n *Node) error {
	if err := s.c.step(1); err != nil {
		return err
	}
	if t, ok := s.c.o.Values[n.Name]; ok && s.up == nil {
		s.set(n, constant(n.Name, t))
		return nil
	}
	k := &call{scope: s, n: n}
	for _, p := range s.region.needs(n) {
		v, err := s.pick(p)
		if err != nil {
			return err
		}
		if v.guard.levels() > k.guard.levels() {
			k.guard = v.guard
		}
		if v.dead && n.Op != "Merge" {
			s.set(n, &value{dead: true})
			return nil
		}
		if p.i >= 0 {
			k.in = append(k.in, v)
		}
	}
	f, err := translators.Get(n.Op)
	if err != nil {
		return fmt.Errorf("tensorflow: node %q: operation %s is not known", n.Name, n.Op)
	}
	if err = f(k); err == nil {
		err = k.err
	}
	if err == nil {
		err = s.b.Err()
	}
	if err != nil {
		return fmt.Errorf("tensorflow: node %q (%s): %w", n.Name, n.Op, err)
	}
	if k.guard != nil && n.Op != "Merge" {
		k.out = guarded(k.out, k.guard)
	}
	s.set(n, k.out...)
	return nil
}

// guarded is values behind a switch. They may be others' values, too, which are
// not behind it.
func guarded(values []*value, g *guard) []*value {
	list := slices.Clone(values)
	for i, v := range list {
		if v.guard == nil {
			w := *v
			w.guard = g
			list[i] = &w
		}
	}
	return list
}

// step counts work, which bodies of loops may ask for again and again.
func (c *converter) step(n int) error {
	if c.steps += n; c.steps > 4*c.l.Nodes {
		return fmt.Errorf("tensorflow: more than %d nodes, those of loops counted each time", 4*c.l.Nodes)
	}
	return nil
}

// levels is how many switches there are around.
func (g *guard) levels() int {
	if g == nil {
		return 0
	}
	return g.depth
}

// use is the name of a value in the model; a constant is added when it is used
// for the first time.
func (s *scope) use(v *value) string {
	if v.name != "" {
		return v.name
	}
	for t := s; t != nil; t = t.up {
		if name, ok := t.inits[v]; ok {
			return name
		}
	}
	t, ok := v.tensor()
	if !ok {
		s.b.Fail("a value that is no tensor is used as one")
		return ""
	}
	name := s.b.Init(s.initName(v), t)
	s.keep(v, name)
	return name
}

// initName is a name for a constant's initialiser.
func (s *scope) initName(v *value) string {
	if v.init == "" {
		return "constant"
	}
	return v.init
}

// keep remembers where a constant is in the model.
func (s *scope) keep(v *value, name string) {
	if s.inits == nil {
		s.inits = map[*value]string{}
	}
	s.inits[v] = name
}

// tensor is the elements of a constant of numbers.
func (v *value) tensor() (tensor.Tensor, bool) {
	switch {
	case v.konst != nil:
		return *v.konst, true
	case v.ints.all():
		return v.ints.asTensor(v.typ)
	}
	return tensor.Tensor{}, false
}

// known says whether v is a constant of numbers.
func (v *value) known() bool { return v.konst != nil || v.name == "" && v.ints.all() }

// fresh is a name that no value has yet.
func (s *scope) fresh(base string) string {
	name := base
	for i := 1; s.b.Has(name) || name == ""; i++ {
		if i > 4 { // the builder counts on
			return s.b.Unused(base)
		}
		name = fmt.Sprintf("%s_%d", base, i)
	}
	return name
}

// nodeBytes is what a node takes, about, its names aside.
const nodeBytes = 256

// add appends an operator with results of the given names.
func (s *scope) add(name, op string, in, out []string, attrs ...onnx.Attr) {
	bytes := nodeBytes + len(name)
	for _, result := range out {
		bytes += len(result)
	}
	if err := s.c.pay(bytes); err != nil {
		s.b.Fail("%v", err)
	}
	s.b.AddNode(&onnx.Node{Name: name, Op: op, In: in, Out: out, Attrs: attrs}, len(out))
}
