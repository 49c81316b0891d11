package tensorflow

import (
	"fmt"

	"github.com/ihae/ihae/format/onnx"
)

// Loops and conditions of TensorFlow 2, whose bodies are functions.
func init() {
	register((*call).while, "While", "StatelessWhile")
	register((*call).branch, "If", "StatelessIf")
	register(func(*call) error { return fmt.Errorf("a parameter outside of its function") }, "_Arg")
}

// enter translates a function in a scope within s, its parameters being args.
func (s *scope) enter(name string, args []*value) ([]*value, error) {
	r, err := s.c.body(name)
	if err != nil {
		return nil, err
	}
	t, err := s.inner(r.region, nil)
	if err != nil {
		return nil, err
	}
	at := 0
	for _, n := range r.nodes {
		if n.Op != "_Arg" {
			continue
		}
		if at >= len(args) {
			return nil, fmt.Errorf("function %q has more than %d parameters", name, len(args))
		}
		t.set(n, args[at])
		at++
	}
	if at != len(args) {
		return nil, fmt.Errorf("function %q has %d parameters, wanted %d", name, at, len(args))
	}
	return t.eval(r.results)
}

// functionName is the function that an attribute names.
func (k *call) functionName(attr string) string {
	if a := k.n.Attr(attr); a != nil {
		return a.Func
	}
	return ""
}

func (k *call) while() error {
	parts := loopParts{name: k.n.Name}
	parts.next = func(s *scope, vars []*value) ([]*value, error) {
		next, err := s.enter(k.functionName("body"), vars)
		if err == nil && len(next) != len(vars) {
			err = fmt.Errorf("%d variables become %d", len(vars), len(next))
		}
		return next, err
	}
	parts.cond = func(s *scope, vars []*value) (*value, error) {
		values, err := s.enter(k.functionName("cond"), vars)
		if err == nil && len(values) != 1 {
			err = fmt.Errorf("a condition with %d results", len(values))
		}
		if err != nil {
			return nil, err
		}
		return values[0], nil
	}
	values, err := k.loop(parts, k.in)
	k.out = values
	return err
}

// branch adds an If, or the one branch that is taken if that is known.
func (k *call) branch() error {
	if err := k.takes(1); err != nil {
		return err
	}
	names := [2]string{k.functionName("then_branch"), k.functionName("else_branch")}
	if n, ok := k.in[0].numbers().one(); ok {
		values, err := k.enter(names[truth(n == 0)], k.in[1:])
		k.out = values
		return err
	}
	for _, v := range k.in[1:] {
		if v.array == nil {
			k.use(v)
		}
	}
	var bodies [2]*scope
	var results [2][]*value
	for i, name := range names {
		s, err := k.inner(k.region, k.b.Body(fmt.Sprintf("%s:%d", k.n.Name, i)))
		if err != nil {
			return err
		}
		if results[i], err = s.enter(name, k.in[1:]); err != nil {
			return err
		}
		bodies[i] = s
	}
	if len(results[0]) != len(results[1]) {
		return fmt.Errorf("branches with %d and %d results", len(results[0]), len(results[1]))
	}
	return k.join(bodies, results)
}

// join makes the results of two branches those of the node.
func (k *call) join(bodies [2]*scope, results [2][]*value) error {
	var out []string
	for j, a := range results[0] {
		b := results[1][j]
		if a.array != nil || b.array != nil || a.dead || b.dead || a.typ != b.typ {
			return fmt.Errorf("result %d is no tensor of one type in both branches", j)
		}
		e, err := a.typ.elem()
		if err != nil {
			return err
		}
		s := meet(a.shape, b.shape)
		for i, v := range []*value{a, b} {
			t := bodies[i]
			name := t.b.AddAs(t.fresh(fmt.Sprintf("%s:%d:%d", k.n.Name, i, j)), "Identity", []string{t.use(v)})
			if v.shape.ranked {
				t.b.Output(name, e, t.ports(v.shape)...)
			} else {
				t.b.OutputAny(name, e)
			}
		}
		y := &value{typ: a.typ, shape: s, name: k.resultName()}
		k.out = append(k.out, y)
		out = append(out, y.name)
	}
	attrs := make([]onnx.Attr, 2)
	for i, name := range []string{"then_branch", "else_branch"} {
		g, err := bodies[i].b.Graph()
		if err != nil {
			return err
		}
		reserve(k.b, g)
		attrs[i] = onnx.GraphAttr(name, g)
	}
	pred := k.use(k.in[0])
	if k.in[0].typ != boolType {
		pred = k.cast(pred, boolType) // any number but 0 is true
	}
	k.add(k.fresh(k.n.Name), "If", []string{pred}, out, attrs...)
	return nil
}
