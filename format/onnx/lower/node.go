package lower

import (
	"fmt"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// maxFold is the elements of operands and results up to which what is computed
// from known values is computed at once, by its definition, and maxFoldWork the
// floating-point operations. What is more stays in the graph: plans have faster ways.
const (
	maxFold     = 1 << 18
	maxFoldWork = 1 << 24
)

// maxLargest is the elements up to which values may be in between.
const maxLargest = 16 * maxFold

// node lowers one node of f.
func (l *lowering) node(f *frame, n *onnx.Node) error {
	c := &Call{l: l, n: n, frame: f}
	for _, name := range n.In {
		v, ok := f.find(name)
		if !ok && name != "" {
			return fmt.Errorf("operand %q is not there", name)
		}
		c.in = append(c.in, v)
	}
	rule, err := l.rule(f, n)
	if err != nil {
		return err
	}
	first := len(l.root.Insts())
	defer func() { l.layer(f, n, first) }()
	if err := l.fold(c, rule); err != nil {
		return err
	}
	if c.out == nil {
		if err := l.apply(c, rule); err != nil {
			return err
		}
	}
	return l.bind(f, n, c)
}

// rule is how n is lowered: its operator's rule, or the model's function.
func (l *lowering) rule(f *frame, n *onnx.Node) (func(*Call), error) {
	if fn := findFunction(l.model, n); fn != nil {
		return func(c *Call) { c.function(fn) }, nil
	}
	op, err := operators.Get(operatorKey(n.Domain, n.Op))
	return op.Rule, err
}

// bind gives the results of c their names.
func (l *lowering) bind(f *frame, n *onnx.Node, c *Call) error {
	for i, name := range n.Out {
		if name == "" {
			continue
		}
		if i >= len(c.out) || c.out[i] == nil {
			return fmt.Errorf("result %d (%q) is not supported", i, name)
		}
		v := c.out[i]
		if size := int64(v.typ.Shape.Size()); size > l.o.maxSize {
			return fmt.Errorf("result %q of %v has %d elements, at most %d are allowed", name, v.typ, size, l.o.maxSize)
		}
		f.env[name] = v
		if v.node != nil && v.slot == 0 && !v.isKnown() {
			v.node.Named(name)
			if f.caller == nil {
				l.byName[name] = v.node
			}
		}
	}
	return nil
}

// apply runs a rule. If it ended a segment after it had asked for nodes, it runs
// once more, on the new segment.
func (l *lowering) apply(c *Call, rule func(*Call)) error {
	for try := 0; ; try++ {
		before := l.epoch
		c.out, c.touched, c.stale = nil, false, false
		err := c.run(rule)
		if c.stale && try < 8 && (err == nil || l.epoch != before) {
			l.restart()
			continue
		}
		if err == nil {
			err = l.g.Err()
		}
		return err
	}
}

// run calls rule and catches its failure.
func (c *Call) run(rule func(*Call)) (err error) {
	defer caught(&err)
	rule(c)
	return nil
}

// fold computes the results of c at once if all operands are known and small.
func (l *lowering) fold(c *Call, rule func(*Call)) error {
	size := 0
	for _, v := range c.in {
		switch {
		case v == nil:
		case !v.isKnown() || v.kind != KindTensor:
			return nil
		default:
			size += v.typ.Shape.Size()
		}
	}
	if size > maxFold || len(c.n.Graphs()) > 0 || findFunction(l.model, c.n) != nil {
		return nil
	}
	var err error
	l.within(graph.New(), func() {
		c.folding = true
		if err = c.run(rule); err == nil {
			err = l.g.Err()
		}
		if err == nil {
			l.evaluate(c)
		}
		c.folding = false
	})
	if err == errNoFold {
		c.out, err = nil, nil
	}
	return err
}

// largest is the most elements that a value has which nodes depend on.
func largest(nodes []*graph.Node) int {
	n := 0
	for _, i := range graph.Reachable(nodes) {
		for _, t := range i.OutTypes() {
			n = max(n, t.Shape.Size())
		}
	}
	return n
}

// evaluate turns the results of c, nodes of constants, into known values; if
// they are too large or too much work, c has no results afterwards.
func (l *lowering) evaluate(c *Call) {
	var nodes []*graph.Node
	size := 0
	for _, v := range c.out {
		if v != nil && v.node != nil && !v.isKnown() {
			nodes = append(nodes, v.node)
			size += v.typ.Shape.Size()
		}
	}
	if len(nodes) == 0 {
		return
	}
	if size > maxFold || largest(nodes) > maxLargest {
		c.out = nil
		return
	}
	f, err := graph.NewFunc("fold", nil, nodes)
	if err != nil || f.FLOPs() > maxFoldWork {
		c.out = nil
		return
	}
	at := map[*graph.Node]tensor.Tensor{}
	for i, w := range graph.Eval(f, nil) {
		at[nodes[i]] = w.Narrow()
	}
	for i, v := range c.out {
		if v != nil && v.node != nil && !v.isKnown() {
			c.out[i] = knownValue(TensorHost(at[v.node]))
		}
	}
}
