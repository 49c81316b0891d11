package lower

import (
	"fmt"

	"github.com/ihae/ihae/graph"
)

// demand is the content of v for a decision about the program. Where it is not a
// fact of the model, the run so far is asked.
func (l *lowering) demand(c *Call, v *value, what string) Host {
	if v.isKnown() {
		return l.content(v)
	}
	if h, ok := l.constant(v); ok {
		v.known = &h
		return h
	}
	l.toSlot(c, v, what)
	h, err := l.rec.ask(v.slot)
	if err != nil {
		panic(stop{err})
	}
	return h
}

// constant is the content of v if it is a node that depends on no leaf, nor on values
// too large to be computed while the graph is built.
func (l *lowering) constant(v *value) (Host, bool) {
	if v.node == nil || v.slot > 0 || v.kind != KindTensor || v.epoch != l.epoch || v.typ.Shape.Size() > maxFold {
		return Host{}, false
	}
	f, err := graph.NewFunc("content", nil, []*graph.Node{v.node})
	if err != nil || largest(f.Out) > maxLargest {
		return Host{}, false
	}
	return TensorHost(graph.Eval(f, nil)[0].Narrow()), true
}

// toSlot sees to it that the content of v lies in a slot of the run.
func (l *lowering) toSlot(c *Call, v *value, what string) {
	if v.slot > 0 {
		return
	}
	if l.rec == nil || l.g != l.root {
		panic(stop{&DynamicError{what}})
	}
	l.hold([]*value{v}, func() { l.endSegment() })
	if c.touched {
		c.stale = true
	}
}

// hold keeps values alive over the ends of segments while f runs.
func (l *lowering) hold(vs []*value, f func()) {
	l.held = append(l.held, &vs)
	defer func() { l.held = l.held[:len(l.held)-1] }()
	f()
}

// endSegment runs what was built so far. All values that are still needed lie in
// slots afterwards, and a new graph begins.
func (l *lowering) endSegment() {
	if err := l.root.Err(); err != nil {
		panic(stop{err})
	}
	live := l.live()
	nodes := make([]*graph.Node, len(live))
	for i, v := range live {
		nodes[i] = v.node
	}
	slots, err := l.rec.program(l.root, nodes)
	if err != nil {
		panic(stop{err})
	}
	for i, v := range live {
		v.node, v.slot = nil, slots[i]
	}
	l.restart()
}

// restart begins a new graph.
func (l *lowering) restart() {
	l.root = graph.New()
	l.g = l.root
	l.epoch++
}

// live is the values of the present segment that are needed after the nodes
// that are being lowered have begun, each once.
func (l *lowering) live() []*value {
	var all []*value
	seen := map[*value]bool{}
	add := func(v *value) {
		v.each(func(v *value) {
			if v.node != nil && v.slot == 0 && v.epoch == l.epoch && !v.isKnown() && !seen[v] {
				seen[v] = true
				all = append(all, v)
			}
		})
	}
	for f := l.frame; f != nil; f = f.caller {
		for _, name := range sortedKeys(f.env) {
			if last, used := f.last[name]; used && last >= f.at && f.env[name] != nil {
				add(f.env[name])
			}
		}
	}
	for _, vs := range l.held {
		for _, v := range *vs {
			if v != nil {
				add(v)
			}
		}
	}
	return all
}

// hostCall computes values by f outside of programs.
func (l *lowering) hostCall(c *Call, f HostFunc, in []*value) ([]*value, error) {
	known := true
	for _, v := range in {
		known = known && (v == nil || v.isKnown())
	}
	if known {
		return l.hostNow(f, in)
	}
	operands := make([]operand, len(in))
	for i, v := range in {
		if v == nil {
			continue
		}
		if v.kind == KindSequence || v.kind == KindOptional {
			return nil, fmt.Errorf("internal: sequences have no host functions")
		}
		if v.isKnown() {
			h := l.content(v)
			operands[i].fixed = &h
		} else {
			l.toSlot(c, v, fmt.Sprintf("the shape of what %s gives", c.n.Op))
			operands[i].slot = v.slot
		}
	}
	c.stale = false // nodes asked for before are not used after
	return l.rec.host(f, operands)
}

func (l *lowering) hostNow(f HostFunc, in []*value) ([]*value, error) {
	hosts := make([]Host, len(in))
	for i, v := range in {
		if v != nil {
			hosts[i] = l.content(v)
		}
	}
	out, err := f(hosts)
	if err != nil {
		return nil, err
	}
	values := make([]*value, len(out))
	for i, h := range out {
		values[i] = knownValue(h)
	}
	return values, nil
}
