package tensorflow

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
)

// loopParts is a loop in either form. Its functions translate the next values
// of the variables, and the condition, in a scope where the variables have the
// given values.
type loopParts struct {
	name string
	next func(s *scope, vars []*value) ([]*value, error)
	cond func(s *scope, vars []*value) (*value, error)
}

// loop adds a Loop and returns the last values of its variables.
func (k *call) loop(parts loopParts, init []*value) ([]*value, error) {
	if parts.name == "" {
		parts.name = k.n.Name
	}
	for _, v := range init {
		if v.array == nil {
			k.use(v) // before the body, which then sees it
		}
	}
	shapes := make([]shape, len(init))
	for i, v := range init {
		shapes[i] = v.shape
	}
	// The sizes of a variable may change. What is assumed of them is weakened
	// until an iteration keeps it: each round forgets a size or a rank.
	for {
		if err := k.c.step(len(init)); err != nil {
			return nil, err
		}
		b := &looping{call: k, parts: parts, init: init, shapes: shapes}
		next, err := b.body()
		if err != nil {
			return nil, err
		}
		weaker := false
		for i, v := range next {
			if m := meet(shapes[i], v.shape); v.array == nil && !m.equal(shapes[i]) {
				shapes[i], weaker = m, true
			}
		}
		if !weaker {
			return b.finish(next)
		}
	}
}

// looping is one attempt at a Loop.
type looping struct {
	*call
	parts  loopParts
	init   []*value
	shapes []shape // of the variables

	inside  *scope
	vars    []*value // within the body
	carried []int    // the variables that the operator carries
}

// body translates one iteration.
func (l *looping) body() ([]*value, error) {
	b := l.b.Body(l.parts.name)
	s, err := l.inner(l.region, b)
	if err != nil {
		return nil, err
	}
	l.inside = s
	e64, _ := int64Type.elem()
	eBool, _ := boolType.elem()
	b.Input(s.fresh(l.parts.name+":iteration"), e64)
	b.Input(s.fresh(l.parts.name+":condition"), eBool)
	for i, v := range l.init {
		if v.array != nil {
			l.vars = append(l.vars, v)
			continue
		}
		e, err := v.typ.elem()
		if err != nil {
			return nil, err
		}
		name := s.fresh(fmt.Sprintf("%s:variable:%d", l.parts.name, i))
		b.Input(name, e, l.ports(l.shapes[i])...)
		if !l.shapes[i].ranked {
			inputs := graphOf(b).Inputs
			inputs[len(inputs)-1].Type.Ranked = false
		}
		l.carried = append(l.carried, i)
		l.vars = append(l.vars, &value{typ: v.typ, shape: l.shapes[i], name: name, mark: mark{loop: l, counter: i + 1}})
	}
	next, err := l.parts.next(s, l.vars)
	if err == nil {
		err = s.b.Err()
	}
	return next, err
}

func graphOf(b *onnx.Builder) *onnx.Graph {
	g, _ := b.Graph()
	return g
}

// finish adds the operator once the body is right.
func (l *looping) finish(next []*value) ([]*value, error) {
	trips, cond, err := l.condition(next)
	if err != nil {
		return nil, err
	}
	b := l.inside.b
	again := graphOf(b).Inputs[1].Name
	if cond != nil {
		again = l.inside.use(cond)
	}
	eBool, _ := boolType.elem()
	b.Output(b.AddAs(l.inside.fresh(l.parts.name+":again"), "Identity", []string{again}), eBool)
	result, out, err := l.results(next)
	if err != nil {
		return nil, err
	}
	body, err := b.Graph()
	if err != nil {
		return nil, err
	}
	reserve(l.b, body)
	in := []string{"", ""}
	if cond != nil {
		first, err := l.first()
		if err != nil {
			return nil, err
		}
		in[1] = l.use(first)
	} else {
		in[0] = l.b.Ints(l.parts.name+":trips", trips)
	}
	for _, i := range l.carried {
		in = append(in, l.use(l.init[i]))
	}
	l.add(l.fresh(l.parts.name), "Loop", in, out, onnx.GraphAttr("body", body))
	return result, l.b.Err()
}

// results declares the results of the body and names those of the loop: first
// the variables that it carries, then the lists that it writes.
func (l *looping) results(next []*value) (result []*value, out []string, err error) {
	result = make([]*value, len(l.init))
	give := func(i int, v *value) string {
		v.name = l.fresh(fmt.Sprintf("%s:%d", l.parts.name, i))
		out = append(out, v.name)
		return v.name
	}
	for _, i := range l.carried {
		if err := l.declare(next[i], l.shapes[i]); err != nil {
			return nil, nil, err
		}
		result[i] = &value{typ: l.init[i].typ, shape: l.shapes[i]}
		give(i, result[i])
	}
	for i, v := range l.init {
		if v.array == nil {
			continue
		}
		a, err := l.listed(i, next)
		switch {
		case err != nil:
			return nil, nil, err
		case a.written == nil:
			result[i] = v // as it came
			continue
		}
		if err := l.declare(a.written, a.written.shape); err != nil {
			return nil, nil, err
		}
		stack := &value{typ: a.written.typ, shape: a.written.shape.insert(0, unknown)}
		give(i, stack)
		result[i] = &value{typ: v.typ, array: &array{length: a.base.length, typ: a.typ, element: a.written.shape, stack: stack}}
	}
	return result, out, nil
}

// declare makes v a result of the body.
func (l *looping) declare(v *value, s shape) error {
	b := l.inside.b
	e, err := v.typ.elem()
	if err != nil {
		return err
	}
	name := b.AddAs(l.inside.fresh(l.parts.name+":next"), "Identity", []string{l.inside.use(v)})
	if s.ranked {
		b.Output(name, e, l.ports(s)...)
	} else {
		b.OutputAny(name, e)
	}
	return nil
}

// reserve keeps the names within a body from being used again outside.
func reserve(b *onnx.Builder, g *onnx.Graph) {
	for _, n := range g.Nodes {
		for _, name := range n.Out {
			b.Fresh(name)
		}
	}
	for _, t := range g.Inits {
		b.Fresh(t.Name)
	}
	for _, p := range g.Inputs {
		b.Fresh(p.Name)
	}
}

// listed checks what a loop does to a list: nothing, or one element each time,
// at the place that a counter from 0 says.
func (l *looping) listed(i int, next []*value) (*array, error) {
	a, was := next[i].array, l.init[i].array
	switch {
	case a == nil:
		return nil, fmt.Errorf("variable %d of loop %q is a list that becomes a tensor", i, l.parts.name)
	case a == was:
		return a, nil
	case a.base != was || a.written == nil || was.stack != nil:
		return nil, fmt.Errorf("loop %q changes a list in another way than writing one element each time", l.parts.name)
	}
	m := a.index.mark
	if m.loop != l || m.counter == 0 || !isZero(l.init[m.counter-1]) || next[m.counter-1].mark.next != m.counter {
		return nil, fmt.Errorf("loop %q writes to a list at other places than 0, 1, 2 and so on", l.parts.name)
	}
	return a, nil
}

func isZero(v *value) bool {
	n := v.numbers()
	return n.all() && n.scalar && n.list[0] == 0
}

// condition translates the condition for one more iteration. Where it is that
// counters from known numbers are below known limits, it is replaced by the
// number of iterations, and nil.
func (l *looping) condition(next []*value) (trips int64, cond *value, err error) {
	vars := slices.Clone(next)
	for i, v := range next {
		if v == l.vars[i] {
			vars[i] = l.init[i] // it never changes
		}
	}
	probe := make([]*value, len(vars))
	for i, v := range vars {
		probe[i] = v
		if v != l.init[i] && v.array == nil {
			marked := *v
			marked.mark = mark{loop: l, counter: i + 1}
			if v.name == "" {
				marked.name = l.inside.use(v)
			}
			marked.konst, marked.ints = nil, nil
			probe[i] = &marked
		}
	}
	s, err := l.inside.inner(l.region, nil)
	if err != nil {
		return 0, nil, err
	}
	nodes, inits := len(graphOf(s.b).Nodes), len(graphOf(s.b).Inits)
	if cond, err = l.parts.cond(s, probe); err != nil {
		return 0, nil, err
	}
	if cond.typ != boolType {
		return 0, nil, fmt.Errorf("the condition of loop %q is no truth value", l.parts.name)
	}
	count, ok := l.count(cond, next)
	if !ok {
		return 0, cond, nil
	}
	g := graphOf(s.b) // nobody needs what the condition added
	g.Nodes, g.Inits = g.Nodes[:nodes], g.Inits[:inits]
	return count, nil, nil
}

// count is the number of iterations, if it is known.
func (l *looping) count(cond *value, next []*value) (int64, bool) {
	if len(cond.mark.below) == 0 || cond.mark.loop != l {
		return 0, false
	}
	count := int64(1) << 40
	for _, c := range cond.mark.below {
		from, to := l.init[c.number-1].numbers(), c.limit.numbers()
		if !from.all() || !to.all() || len(from.list) != 1 || len(to.list) != 1 || next[c.number-1].mark.next != c.number {
			return 0, false
		}
		count = min(count, max(0, to.list[0]-from.list[0]))
	}
	return count, true
}

// first is the condition before the first iteration.
func (l *looping) first() (*value, error) {
	s, err := l.call.inner(l.region, nil)
	if err != nil {
		return nil, err
	}
	return l.parts.cond(s, l.init)
}
