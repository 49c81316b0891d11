package plan

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// addGroups makes the units of all groups.
func (p *planner) addGroups(f *fuser) error {
	for _, g := range f.all {
		slices.Sort(g.members)
	}
	for k := 0; k < len(f.all); k++ {
		l := newLoop(f, f.all[k])
		if len(l.outs) == 0 {
			continue
		}
		u, ok := l.unit()
		if ok {
			p.addUnit(u)
			continue
		}
		if len(f.all[k].members) == 1 {
			return fmt.Errorf("plan: no loop for %v", f.p.insts[f.all[k].members[0]])
		}
		f.split(f.all[k])
	}
	return nil
}

// split makes groups of one of a group that is too much for the register
// machine; they come last in f.all.
func (f *fuser) split(g *group) {
	for _, i := range g.members {
		single := &group{space: g.space, members: []int{i}}
		k := slices.Index(f.groups[i], g)
		f.groups[i][k] = single
		f.all = append(f.all, single)
	}
}

// loop is the code of a group under construction.
type loop struct {
	p      *planner
	f      *fuser
	insts  []*graph.Inst
	outs   []*graph.Node
	spec   kernel.FusedSpec
	reg    map[*graph.Node]kernel.Reg
	in     []int
	types  []tensor.Type
	direct []int // operands that cover the space as the results do
	fold   *kernel.ReduceSpec
}

// newLoop lists what g computes and writes.
func newLoop(f *fuser, g *group) *loop {
	l := &loop{p: f.p, f: f, fold: g.fold, reg: map[*graph.Node]kernel.Reg{}}
	l.spec = kernel.FusedSpec{Space: g.space.Dims(), Expr: &kernel.Expr{}}
	for _, i := range g.members {
		n := f.p.insts[i]
		l.insts = append(l.insts, n)
		if f.writes(i) {
			l.outs = append(l.outs, n.Out()[0])
		}
	}
	return l
}

// writes says whether a group that computes i must store it: it is an output,
// or some user is computed elsewhere.
func (f *fuser) writes(i int) bool {
	if f.stored(i) {
		return true
	}
	for _, u := range f.users[i] {
		for _, h := range f.groups[u] {
			if !slices.Contains(f.groups[i], h) {
				return true
			}
		}
	}
	return false
}

// unit builds the loop; ok is false if it is too much for the register machine.
func (l *loop) unit() (unit, bool) {
	for _, n := range l.insts {
		if !l.compute(n) {
			return unit{}, false
		}
	}
	u := unit{insts: l.insts, in: l.in, types: l.types, key: l.insts[len(l.insts)-1].ID(), loop: l}
	for k, y := range l.outs {
		l.spec.Out = append(l.spec.Out, l.reg[y])
		l.spec.OutOf = append(l.spec.OutOf, y.DType())
		u.out = append(u.out, l.p.number(y))
		for _, j := range l.direct {
			if l.fold == nil && l.types[j].DType.Size() == y.DType().Size() {
				u.inPlace = append(u.inPlace, [2]int{k, j})
			}
		}
	}
	if l.fold != nil {
		u.code = kernel.FusedReduce(l.spec, *l.fold)
	} else {
		u.code = kernel.Fused(l.spec)
	}
	return u, u.code != nil
}

// compute appends n to the program.
func (l *loop) compute(n *graph.Inst) bool {
	y := n.Out()[0]
	if isView(n) { // that somebody reads from memory
		l.reg[y] = l.load(y)
		return true
	}
	in := make([]kernel.Reg, len(n.In()))
	for i, a := range n.In() {
		r, have := l.reg[a]
		if !have {
			r = l.load(a)
			l.reg[a] = r
		}
		in[i] = r
	}
	op, ok := n.Op().(graph.Elementwise)
	if !ok { // what is folded
		l.reg[y] = in[0]
		return true
	}
	l.reg[y], ok = op.Lane(l.spec.Expr, in)
	return ok
}

// load is the register of a node that the loop does not compute.
func (l *loop) load(a *graph.Node) kernel.Reg {
	if f, ok := a.Op().(graph.Fill); ok {
		return l.spec.Expr.Imm(float32(f.Value))
	}
	x := a
	strides := a.Shape().Strides()
	if isView(a.Inst()) {
		x = a.In()[0]
		strides = a.Op().(Strided).Strides(x.Shape())
	}
	i := len(l.in)
	l.in, l.types = append(l.in, l.p.read(x)), append(l.types, x.Type())
	l.spec.In = append(l.spec.In, slices.Clone(strides[:len(l.spec.Space)]))
	if x == a {
		l.direct = append(l.direct, i)
	}
	return l.spec.Expr.LoadOf(i, a.DType())
}
