package lower

import (
	"context"
	"fmt"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// maxSteps bounds how many nodes one lowering works on, loops unrolled.
const maxSteps = 2_000_000

// lowering is one walk through a model that builds its graph.
type lowering struct {
	model *onnx.Model
	o     options
	root  *graph.Graph // of the present segment
	g     *graph.Graph // root, or the body of control flow that is being built
	epoch int          // counts segments
	frame *frame
	held  []*[]*value // values that rules hold while they lower bodies
	rec   *recorder   // nil: there may be one segment only
	steps int
	turns []*value // the numbers of the steps of the loops around, see Call.turn

	params []Param
	layers []Layer                // of the model's own graph; in one segment only
	byName map[string]*graph.Node // of the model's own graph
	key    *graph.Node            // of random operators; see Call.Key
}

// options is what a binding and a session have in common.
type options struct {
	train   bool
	floats  tensor.DType // that the model's narrower floats become; none if it is not set
	param   func(name string, t tensor.Type) bool
	weight  func(name string) *graph.Node
	update  func(name string, next *graph.Node)
	key     func() (*graph.Node, uint64)
	fixed   func(name string) bool
	maxSize int64 // elements of one value
}

// Param is an initialiser that is a leaf of the graph, to be trained.
type Param struct {
	Name  string
	Node  *graph.Node
	Value tensor.Tensor
}

func newLowering(m *onnx.Model, o options, g *graph.Graph) *lowering {
	if o.maxSize == 0 {
		o.maxSize = 1 << 34
	}
	return &lowering{model: m, o: o, root: g, g: g, byName: map[string]*graph.Node{}}
}

// graph lowers g in a frame of its own, inputs given, and returns its outputs, none
// of which is nil. Inputs may be nil: they are the initialisers of their names, or,
// where their types are optional, empty.
func (l *lowering) graph(g *onnx.Graph, outer *frame, inputs []*value) (out []*value, err error) {
	names := make([]string, len(g.Outputs))
	for i, p := range g.Outputs {
		names[i] = p.Name
	}
	f := &frame{env: map[string]*value{}, outer: outer, caller: l.frame, last: lastUses(g.Nodes, names)}
	if f.opsets = opsetsOf(l.model.Opsets); outer != nil {
		f.opsets = outer.opsets
	}
	for _, t := range g.Inits {
		if f.env[t.Name], err = l.initialiser(t, outer == nil); err != nil {
			return nil, err
		}
	}
	for i, v := range inputs {
		p := g.Inputs[i]
		if v == nil && f.env[p.Name] == nil && isOptional(p.Type) {
			v = &value{kind: KindOptional}
		}
		if v != nil {
			f.env[p.Name] = v
		}
	}
	if out, err = l.nodes(f, g.Nodes, names); err != nil {
		return nil, err
	}
	for i, v := range out {
		if v == nil {
			return nil, fmt.Errorf("onnx: nothing computes output %d (%q) of the graph %q", i, names[i], g.Name)
		}
	}
	return out, nil
}

// nodes lowers nodes in frame f and returns the values of the names results, nil for
// an empty one and for an operand that the call of a function leaves out.
func (l *lowering) nodes(f *frame, nodes []*onnx.Node, results []string) ([]*value, error) {
	l.frame = f
	defer func() { l.frame = f.caller }()
	for i, n := range nodes {
		f.at = i
		if l.steps++; l.steps > maxSteps {
			return nil, &NodeError{n.Title(i), fmt.Errorf("more than %d nodes were worked on; a loop does not end", maxSteps)}
		}
		if l.cancelled() {
			return nil, context.Cause(l.rec.ctx)
		}
		if err := l.node(f, n); err != nil {
			if _, named := err.(*NodeError); named || l.cancelled() {
				return nil, err
			}
			return nil, &NodeError{n.Title(i), err}
		}
	}
	f.at = len(nodes)
	out := make([]*value, len(results))
	for i, name := range results {
		v, ok := f.find(name)
		if !ok && name != "" {
			return nil, fmt.Errorf("onnx: nothing computes %q", name)
		}
		out[i] = v
	}
	return out, nil
}

func (l *lowering) cancelled() bool { return l.rec != nil && l.rec.ctx.Err() != nil }

// initialiser is the value of a tensor in the file.
func (l *lowering) initialiser(t *onnx.Tensor, top bool) (*value, error) {
	if t.Elem == onnx.ElemString {
		return knownValue(StringsHost(t.Strings(), ints(t.Dims)...)), nil
	}
	typ, err := t.Type()
	if err != nil {
		return nil, err
	}
	typ = l.typeHere(typ)
	v := &value{typ: typ, init: t}
	if top && l.o.weight != nil && typ.DType.Float() {
		if n := l.o.weight(t.Name); n != nil {
			return l.weight(t.Name, typ, n)
		}
	}
	if top && l.o.param != nil && typ.DType.Float() && l.o.param(t.Name, typ) {
		content, err := t.Value()
		if err != nil {
			return nil, err
		}
		v.node = l.root.Leaf(t.Name, typ).Named(t.Name)
		v.init = nil
		l.params = append(l.params, Param{t.Name, v.node, l.tensorHere(content)})
	}
	return v, nil
}

// weight is the value of an initialiser that the binding gives a node for.
func (l *lowering) weight(name string, want tensor.Type, n *graph.Node) (*value, error) {
	if n.Type() != want {
		return nil, fmt.Errorf("onnx: the node for %q is %v, want %v", name, n.Type(), want)
	}
	return l.nodeValue(n), nil
}

// typeHere is a type of the model in the graph, where floats may be wider.
func (l *lowering) typeHere(t tensor.Type) tensor.Type {
	switch t.DType {
	case tensor.Float32, tensor.Float16, tensor.BFloat16:
		if l.o.floats.Bits() > t.DType.Bits() {
			t.DType = l.o.floats
		}
	}
	return t
}

// tensorHere is a tensor of the model in the graph.
func (l *lowering) tensorHere(t tensor.Tensor) tensor.Tensor {
	want := l.typeHere(t.Type())
	if want == t.Type() {
		return t
	}
	w := tensor.Widen(t)
	w.Type = want
	return w.Narrow()
}

// content is what is known of v.
func (l *lowering) content(v *value) Host {
	if v.known == nil && v.init != nil {
		t, err := v.init.Value()
		if err != nil {
			panic(stop{err})
		}
		h := TensorHost(l.tensorHere(t))
		v.known = &h
	}
	if v.kind == KindSequence || v.kind == KindOptional {
		h := Host{Kind: v.kind}
		for _, x := range v.items {
			h.Items = append(h.Items, l.content(x))
		}
		return h
	}
	return *v.known
}

// nodeOf is v as a node of the graph under construction.
func (l *lowering) nodeOf(v *value) *graph.Node {
	switch {
	case v.kind != KindTensor:
		panic(stop{fmt.Errorf("want a tensor, not texts, a sequence or an optional")})
	case v.node != nil && v.epoch == l.epoch && v.slot == 0 && (l.g == l.root || !v.isKnown()):
		return l.own(v.node)
	case v.isKnown():
		h := l.content(v)
		n := l.g.Constant(h.Tensor)
		if l.g == l.root {
			v.node, v.epoch = n, l.epoch
		}
		return n
	case v.slot > 0:
		return l.own(l.root.Leaf(slotLabel(v.slot), v.typ))
	}
	panic(stop{fmt.Errorf("internal: a value of an earlier segment was not kept")})
}

func slotLabel(slot int) string { return fmt.Sprint("slot.", slot) }

// own makes n a node of the innermost graph.
func (l *lowering) own(n *graph.Node) *graph.Node {
	if n.Graph() == l.g {
		return n
	}
	return l.g.Own(n)
}

func (l *lowering) nodeValue(n *graph.Node) *value {
	return &value{typ: n.Type(), node: n, epoch: l.epoch}
}

// within lowers with g as the innermost graph.
func (l *lowering) within(g *graph.Graph, f func()) {
	before := l.g
	l.g = g
	defer func() { l.g = before }()
	f()
}

func ints(v []int64) []int {
	y := make([]int, len(v))
	for i, x := range v {
		y[i] = int(x)
	}
	return y
}
