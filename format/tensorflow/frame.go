package tensorflow

import (
	"fmt"

	"github.com/ihae/ihae/tensor"
)

// frame is a loop of TensorFlow 1. Each variable enters by Enter, and Merge
// takes it from there or from NextIteration; while LoopCond is true, Switch sends
// it into the body, and afterwards to Exit (Yu et al., "Dynamic Control Flow in
// Large-Scale Machine Learning", 2018).
type frame struct {
	name  string
	vars  []variable
	cond  *Node // LoopCond
	exits map[*Node]int
	enter []ref // all that enters, in order of the file
}

// variable is what changes from one iteration to the next.
type variable struct {
	enter, merge, next, sw *Node
}

// findLoops finds the frames of a region.
func (r *region) findLoops() error {
	byName := map[string]*frame{}
	r.frames, r.exits = map[*Node]*frame{}, map[*Node]*frame{}
	var todo []*Node
	for _, n := range r.nodes {
		if n.Op != "Enter" && n.Op != "RefEnter" {
			continue
		}
		name := ""
		if a := n.Attr("frame_name"); a != nil {
			name = string(a.Bytes)
		}
		f := byName[name]
		if f == nil {
			f = &frame{name: name, exits: map[*Node]int{}}
			byName[name] = f
		}
		if in := r.inputs(n, false); len(in) == 1 {
			f.enter = append(f.enter, in[0])
		} else {
			return &FormatError{n.at, fmt.Sprintf("node %q (Enter) has %d inputs", n.Name, len(in))}
		}
		r.frames[n] = f
		todo = append(todo, n)
	}
	if len(todo) == 0 {
		return nil
	}
	if err := r.spread(todo); err != nil {
		return err
	}
	for _, n := range r.nodes {
		if err := r.frameNode(n); err != nil {
			return err
		}
	}
	return nil
}

// spread finds the nodes within frames: those that depend on what enters, up to
// the exits.
func (r *region) spread(todo []*Node) error {
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		f := r.frames[n]
		for _, u := range r.users(n) {
			switch have := r.frames[u]; {
			case u.Op == "Exit" || u.Op == "RefExit":
				r.exits[u] = f
			case have == f:
			case have != nil:
				return &FormatError{u.at, fmt.Sprintf("node %q is in the loops %q and %q; loops within loops are not read in this form",
					u.Name, f.name, have.name)}
			default:
				r.frames[u] = f
				todo = append(todo, u)
			}
		}
	}
	return nil
}

// frameNode notes the part that a node has in its frame.
func (r *region) frameNode(n *Node) error {
	f := r.frames[n]
	if f == nil {
		return nil
	}
	if n.Op == "LoopCond" {
		f.cond = n
	}
	in := r.inputs(n, false)
	if n.Op != "Merge" || len(in) != 2 {
		return nil
	}
	v := variable{merge: n}
	for _, p := range in {
		switch p.node.Op {
		case "Enter", "RefEnter":
			v.enter = p.node
		case "NextIteration", "RefNextIteration":
			v.next = p.node
		}
	}
	if v.enter == nil || v.next == nil {
		return nil // the end of a condition
	}
	for _, u := range r.users(n) {
		if s := r.inputs(u, false); u.Op == "Switch" && len(s) == 2 && s[0].node == n && s[1].node.Op == "LoopCond" {
			v.sw = u
		}
	}
	if v.sw == nil {
		return &FormatError{n.at, fmt.Sprintf("node %q (Merge) of loop %q has no Switch", n.Name, f.name)}
	}
	for _, u := range r.users(v.sw) {
		if s := r.inputs(u, false); r.exits[u] == f && len(s) == 1 && s[0].node == v.sw {
			f.exits[u] = len(f.vars)
		}
	}
	f.vars = append(f.vars, v)
	return nil
}

// needs is what has to be translated before a node: its inputs, and of inputs
// that only order those that say behind which switch it stands. A loop is
// translated as a whole, once what enters it is there.
func (r *region) needs(n *Node) []ref {
	if f := r.exits[n]; f != nil {
		return f.enter
	}
	var list []ref
	for _, p := range r.inputs(n, true) {
		if p.i >= 0 || r.frames[n] == nil && r.pivot(p.node) {
			list = append(list, p)
		}
	}
	return list
}

// pivot says whether waiting for a node means to stand behind a switch.
func (r *region) pivot(n *Node) bool {
	if n.Op == "Identity" {
		if in := r.inputs(n, false); len(in) == 1 {
			n = in[0].node
		}
	}
	return n.Op == "Switch"
}

func init() {
	register(func(k *call) error { return k.exit() }, "Exit", "RefExit")
	register(func(k *call) error {
		if err := k.takes(1); err != nil {
			return err
		}
		return k.same(k.in[0])
	}, "Enter", "RefEnter", "NextIteration", "LoopCond")
}

// exit translates the loop that a node is an exit of, and sets all of its exits.
func (k *call) exit() error {
	f := k.region.exits[k.n]
	if f == nil || f.cond == nil || len(f.vars) == 0 {
		return fmt.Errorf("an exit without a loop")
	}
	init := make([]*value, len(f.vars))
	for i, v := range f.vars {
		var err error
		if init[i], err = k.pick(k.region.inputs(v.enter, false)[0]); err != nil {
			return err
		}
	}
	bind := func(s *scope, vars []*value) {
		for i, v := range f.vars {
			s.set(v.merge, vars[i], constant("", tensor.Scalar(int32(1))))
			s.set(v.sw, &value{dead: true}, vars[i])
		}
	}
	parts := loopParts{name: f.name}
	parts.next = func(s *scope, vars []*value) ([]*value, error) {
		bind(s, vars)
		refs := make([]ref, len(f.vars))
		for i, v := range f.vars {
			in := s.region.inputs(v.next, false)
			if len(in) != 1 {
				return nil, fmt.Errorf("node %q has %d inputs", v.next.Name, len(in))
			}
			refs[i] = in[0]
		}
		return s.eval(refs)
	}
	parts.cond = func(s *scope, vars []*value) (*value, error) {
		bind(s, vars)
		in := s.region.inputs(f.cond, false)
		if len(in) != 1 {
			return nil, fmt.Errorf("node %q has %d inputs", f.cond.Name, len(in))
		}
		values, err := s.eval(in)
		if err != nil {
			return nil, err
		}
		return values[0], nil
	}
	values, err := k.loop(parts, init)
	if err != nil {
		return err
	}
	for n, i := range f.exits {
		if n != k.n {
			k.set(n, values[i])
		}
	}
	i, ok := f.exits[k.n]
	if !ok {
		return fmt.Errorf("an exit of no variable of loop %q", f.name)
	}
	return k.same(values[i])
}
