package plan

import (
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

const (
	maxMembers = 32
	maxLoads   = 16
	// cheapInstrs is how many instructions of the register machine an operation
	// may take that is computed in several loops rather than stored once.
	cheapInstrs = 4
	// cheapDepth is how many such operations may stand one behind the other.
	cheapDepth = 3
	// searchLimit bounds the search for a path that forbids a loop.
	searchLimit = 64
)

// group is elementwise operations over one space that run as one loop.
type group struct {
	space   tensor.Shape
	members []int // places in planner.insts, falling until the group is built
	loads   []*graph.Node
	fold    *kernel.ReduceSpec // the last member folds what the others compute; nil if there is no such
}

// fuser gathers elementwise operations into groups, from the outputs to the
// inputs: an operation joins the group of its users.
type fuser struct {
	p      *planner
	at     []int      // by instruction ID: its place in insts
	users  [][]int    // by place: the places of its users
	groups [][]*group // by place: the groups that compute it
	lane   []bool     // by place: a loop can compute it, or fold it at once
	output []bool     // by place
	depth  []int      // by place: how many operations that are computed twice follow
	all    []*group
}

func (p *planner) fuse() *fuser {
	n := len(p.insts)
	f := &fuser{p: p, at: make([]int, len(p.base)), users: make([][]int, n), groups: make([][]*group, n),
		lane: make([]bool, n), output: make([]bool, n), depth: make([]int, n)}
	for i, inst := range p.insts {
		f.at[inst.ID()] = i
		f.lane[i] = !p.o.NoFusion && (isLane(inst) || foldOf(inst) != nil)
		for _, a := range inst.In() {
			u := &f.users[f.at[a.Inst().ID()]]
			if len(*u) == 0 || (*u)[len(*u)-1] != i {
				*u = append(*u, i)
			}
		}
	}
	for _, o := range p.f.Out {
		f.output[f.at[o.Inst().ID()]] = true
	}
	for i := n - 1; i >= 0; i-- {
		switch {
		case f.lane[i] && foldOf(p.insts[i]) != nil:
			f.own(i)
		case f.lane[i]:
			f.join(i)
		case !p.o.NoFusion && isView(p.insts[i]) && f.stored(i):
			f.own(i)
		}
	}
	return f
}

// machineType says whether the register machine has elements of d that any
// operation may have, not conversions alone.
func machineType(d tensor.DType) bool { return d == tensor.Float32 || d == tensor.Bool }

// isLane says whether n can be computed in registers.
func isLane(n *graph.Inst) bool { return graph.InLoops(n.Op(), n.InTypes(), n.OutTypes()) }

// foldOf is how n folds its operand, or nil.
func foldOf(n *graph.Inst) *kernel.ReduceSpec {
	op, ok := n.Op().(Folding)
	if !ok || len(n.In()) != 1 || !machineType(n.In()[0].DType()) || n.In()[0].DType() != n.Out()[0].DType() {
		return nil
	}
	s, ok := op.Fold(n.In()[0].Type())
	if !ok {
		return nil
	}
	return &s
}

// laneOf is a program of op alone.
func laneOf(op graph.Elementwise, operands int) (*kernel.Expr, kernel.Reg, bool) {
	e := &kernel.Expr{}
	in := make([]kernel.Reg, operands)
	for i := range in {
		in[i] = e.Load(i)
	}
	r, ok := op.Lane(e, in)
	return e, r, ok
}

// isView says whether loops can read through n to its operand.
func isView(n *graph.Inst) bool {
	_, strided := n.Op().(Strided)
	_, transposes := n.Op().(Transposer)
	return strided && !transposes && machineType(n.Out()[0].DType())
}

// covers says whether no unit of its own is needed for instruction i.
func (f *fuser) covers(i int) bool {
	return len(f.groups[i]) > 0 || !f.p.o.NoFusion && isView(f.p.insts[i])
}

// stored says whether somebody reads the result of i from memory.
func (f *fuser) stored(i int) bool {
	return f.output[i] || slices.ContainsFunc(f.users[i], func(u int) bool { return !f.lane[u] })
}

// own starts a group with i.
func (f *fuser) own(i int) {
	n := f.p.insts[i]
	g := &group{space: n.Out()[0].Shape(), fold: foldOf(n)}
	if g.fold != nil {
		g.space = n.In()[0].Shape()
	}
	f.all = append(f.all, g)
	f.add(i, g)
}

func (f *fuser) add(i int, g *group) {
	n := f.p.insts[i]
	g.members = append(g.members, i)
	g.loads = slices.DeleteFunc(g.loads, func(l *graph.Node) bool { return l == n.Out()[0] })
	for _, a := range n.In() {
		if !slices.Contains(g.loads, a) {
			g.loads = append(g.loads, a)
		}
	}
	f.groups[i] = append(f.groups[i], g)
}

// join puts i into the groups of its users, or starts a new group. One group
// that computes all users takes i as well, and writes it if others read it
// later; one that folds takes only what nobody else reads. Several groups each
// compute it again if that is cheap.
func (f *fuser) join(i int) {
	var gs []*group
	var others []int // users that read i from memory
	for _, u := range f.users[i] {
		if !f.lane[u] {
			others = append(others, u)
			continue
		}
		for _, g := range f.groups[u] {
			if !slices.Contains(gs, g) {
				gs = append(gs, g)
			}
		}
	}
	if len(gs) > 1 && len(others) == 0 && !f.output[i] && f.repeat(i, gs) {
		return
	}
	for _, g := range gs {
		if !f.fits(i, g) || g.fold != nil && (len(gs) > 1 || len(others) > 0 || f.output[i]) {
			continue
		}
		rest := slices.Clone(others)
		for _, h := range gs {
			if h != g {
				rest = append(rest, h.members...)
			}
		}
		if !f.leads(rest, g) {
			f.add(i, g)
			return
		}
	}
	f.own(i)
}

// fits says whether g stays small enough with i.
func (f *fuser) fits(i int, g *group) bool {
	return len(g.members) < maxMembers && len(g.loads)+len(f.p.insts[i].In()) <= maxLoads
}

// repeat puts i into each of gs if it is cheap enough to be computed so often.
func (f *fuser) repeat(i int, gs []*group) bool {
	for _, u := range f.users[i] {
		if len(f.groups[u]) > 1 {
			f.depth[i] = max(f.depth[i], f.depth[u])
		}
	}
	f.depth[i]++
	if f.depth[i] > cheapDepth || !f.cheap(i) {
		return false
	}
	for _, g := range gs {
		if !f.fits(i, g) {
			return false
		}
	}
	for _, g := range gs {
		f.add(i, g)
	}
	return true
}

// cheap says whether i takes few instructions and reads little: to read its
// operands costs no more than to write its result and read it twice.
func (f *fuser) cheap(i int) bool {
	n := f.p.insts[i]
	full := 0
	for _, a := range n.In() {
		if _, fill := a.Op().(graph.Fill); !fill && !isView(a.Inst()) {
			full++
		}
	}
	return full <= 2 && instrs(n) <= cheapInstrs
}

// instrs is about how many instructions of the register machine n takes, by the
// work that it says a loop is.
func instrs(n *graph.Inst) int {
	e, r, ok := laneOf(n.Op().(graph.Elementwise), len(n.In()))
	if !ok {
		return 1 << 30
	}
	const elements = 1 << 16
	in := make([][]int, len(n.In()))
	for i := range in {
		in[i] = []int{1}
	}
	work := func(e *kernel.Expr, r kernel.Reg) int {
		c := kernel.Fused(kernel.FusedSpec{Space: []int{elements}, In: in, Expr: e, Out: []kernel.Reg{r}})
		if c == nil {
			return 1 << 30
		}
		return c.Phases[0].Work
	}
	var sum kernel.Expr
	s := sum.Load(0)
	for i := range in {
		s = sum.Max(s, sum.Load(i))
	}
	return 1 + (work(e, r)-work(&sum, s))*25/elements
}

// leads says whether what some instructions compute is needed, by way of other
// steps, by g, or may be: then g cannot compute what they read.
func (f *fuser) leads(from []int, g *group) bool {
	limit := slices.Max(g.members)
	seen := map[int]bool{}
	for len(from) > 0 {
		i := from[len(from)-1]
		from = from[:len(from)-1]
		if seen[i] {
			continue
		}
		seen[i] = true
		if slices.Contains(f.groups[i], g) || len(seen) > searchLimit {
			return true
		}
		if i > limit && len(f.groups[i]) == 0 {
			continue
		}
		from = append(from, f.users[i]...)
		for _, h := range f.groups[i] {
			for _, m := range h.members {
				if !seen[m] {
					from = append(from, m)
				}
			}
		}
	}
	return false
}
