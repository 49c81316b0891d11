package plan

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// unit is what becomes one step: an instruction, a group of elementwise ones,
// or a copy.
type unit struct {
	insts   []*graph.Inst // in order; none for a copy
	loop    *loop         // nil unless fused
	in, out []int         // the values it reads and writes
	types   []tensor.Type // of in, as the unit sees them
	inPlace [][2]int      // places in out and in
	code    *kernel.Code
	nest    *Nest // nil unless it runs bodies
	key     int   // its place in the graph: the ID of its last instruction
}

// value is one array of a program.
type value struct {
	typ  tensor.Type
	name string
	op   graph.Op // that computes it
	root int      // the value whose memory it is: itself, or what it aliases
	// Of roots:
	input    int   // that it is, or -1
	constant int   // that it is, or -1
	unit     int   // that computes it, or -1
	users    []int // the units that read it, rising once they are in order
	output   bool  // it must live to the end
	donated  int   // the input in whose memory the caller wants it, or -1
	given    int   // the output for which the caller gives memory, or -1
}

// outside says whether v lies in memory of the caller's.
func (v *value) outside() bool { return v.donated >= 0 || v.given >= 0 }

// planner is the state of one compilation, after the passes over the graph.
type planner struct {
	f         *graph.Func
	o         Options
	insts     []*graph.Inst
	base      []int // by instruction ID: the number of its first result
	values    []value
	units     []unit
	constants []tensor.Tensor
	outputs   []int  // by output: its value
	given     []bool // by output: the caller gives memory for it; nil for none
	still     [2]int // the inputs, from and to, that are the same in every run of a body
	entering  []Entering
	ready     []int // by entering: the value it makes
	theirs    map[*graph.Const]bool
}

func newPlanner(f *graph.Func, o Options) *planner {
	p := &planner{f: f, o: o, insts: graph.Reachable(f.Out)}
	p.base = make([]int, len(f.Out[0].Graph().Insts()))
	for i, n := range f.In {
		p.base[n.Inst().ID()] = len(p.values)
		p.addValue(n.Type(), n.Name(), n.Op())
		p.values[i].input = i
	}
	for _, n := range p.insts {
		if _, leaf := n.Op().(graph.Leaf); leaf {
			continue
		}
		p.base[n.ID()] = len(p.values)
		for _, y := range n.Out() {
			p.addValue(y.Type(), y.Name(), n.Op())
		}
		if aliases(n) {
			p.values[len(p.values)-1].root = p.root(n.In()[0])
		}
	}
	return p
}

func aliases(n *graph.Inst) bool {
	a, ok := n.Op().(graph.Aliasing)
	return ok && a.Aliases() && len(n.Out()) == 1 && n.Out()[0].Type().Bytes() == n.In()[0].Type().Bytes()
}

// addValue returns the number of a new value.
func (p *planner) addValue(t tensor.Type, name string, op graph.Op) int {
	id := len(p.values)
	p.values = append(p.values, value{typ: t, name: name, op: op, root: id, input: -1, constant: -1, unit: -1, donated: -1, given: -1})
	return id
}

// number is the value that n is.
func (p *planner) number(n *graph.Node) int { return p.base[n.Inst().ID()] + n.Index() }

// root is the value whose memory n's is.
func (p *planner) root(n *graph.Node) int { return p.values[p.number(n)].root }

// read is the root of n, made ready to be read from memory: constants are put
// among the program's, large fills get a unit that writes them.
func (p *planner) read(n *graph.Node) int {
	id := p.root(n)
	v := &p.values[id]
	if v.constant >= 0 || v.unit >= 0 {
		return id
	}
	switch op := v.op.(type) {
	case *graph.Const:
		c := op.Value
		if !aligned(c.Bytes()) {
			c = c.Clone()
		}
		v.constant, p.constants = len(p.constants), append(p.constants, c)
	case graph.Fill:
		if v.typ.Bytes() > foldBytes {
			p.addUnit(unit{code: filling(op), out: []int{id}})
			break
		}
		w := []tensor.Wide{tensor.NewWide(op.Of)}
		op.Ref(w, nil)
		v.constant, p.constants = len(p.constants), append(p.constants, w[0].Narrow())
	}
	return id
}

func (p *planner) addUnit(u unit) {
	for _, v := range u.out {
		p.values[v].unit = len(p.units)
	}
	p.units = append(p.units, u)
}

// gather makes the units: those of groups, and one of each instruction left.
func (p *planner) gather() error {
	f := p.fuse()
	if err := p.addGroups(f); err != nil {
		return err
	}
	for i, n := range p.insts {
		switch n.Op().(type) {
		case graph.Leaf, *graph.Const, graph.Fill:
			continue
		}
		if !aliases(n) && !f.covers(i) {
			if err := p.addSingle(n); err != nil {
				return err
			}
		}
	}
	p.finishOutputs()
	p.prepare()
	for i, u := range p.units {
		for _, v := range u.in {
			if users := p.values[v].users; len(users) == 0 || users[len(users)-1] != i {
				p.values[v].users = append(users, i)
			}
		}
	}
	return nil
}

// addSingle makes the unit of one instruction.
func (p *planner) addSingle(n *graph.Inst) error {
	u := unit{insts: []*graph.Inst{n}, types: n.InTypes(), key: n.ID()}
	if op, ok := n.Op().(graph.Flowing); ok {
		nest, err := newNest(op, n, p.o)
		if err != nil {
			return err
		}
		u.nest, u.code = nest, nest.code()
	} else {
		u.code = codeOf(n)
	}
	for _, a := range n.In() {
		u.in = append(u.in, p.read(a))
	}
	for _, y := range n.Out() {
		u.out = append(u.out, p.number(y))
	}
	if i, ok := n.Op().(graph.InPlace); ok {
		u.inPlace = i.InPlace()
	}
	p.addUnit(u)
	return nil
}

// finishOutputs says which values are outputs. One that is an input or a
// constant is copied, so that the caller gets memory of its own.
func (p *planner) finishOutputs() {
	donor := map[int]int{}
	for _, d := range p.o.Donate {
		donor[d[0]] = d[1]
	}
	copies := map[int]int{}
	for i, n := range p.f.Out {
		v := p.read(n)
		to, donated := donor[i]
		if r := &p.values[v]; r.input >= 0 && !(donated && to == r.input) || r.constant >= 0 {
			c, ok := copies[v]
			if !ok {
				c = p.addValue(r.typ, r.name, nil)
				copies[v] = c
				p.addUnit(unit{code: copying(r.typ.Bytes()), in: []int{v}, out: []int{c}, types: []tensor.Type{r.typ}, key: n.Inst().ID()})
			}
			v = c
		}
		p.outputs = append(p.outputs, v)
		p.values[v].output = true
		if donated && p.values[v].donated < 0 {
			p.values[v].donated = to
		}
		if p.given != nil && p.given[i] && p.values[v].given < 0 {
			p.values[v].given = i
		}
	}
}
