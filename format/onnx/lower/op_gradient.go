package lower

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
)

func init() {
	register(Operator{Domain: training, Name: "Gradient", Since: []int64{1}, Rule: gradient})
}

// gradient differentiates the value y of the model's graph by the values xs. What
// depends on these and on zs is computed again from the operands, which take
// their places; other values are constants.
func gradient(c *Call) {
	xs := c.AttrStrings("xs")
	names := append(slices.Clone(xs), c.AttrStrings("zs")...)
	if len(names) != c.NumIn() || len(xs) == 0 {
		c.Fail("%d operands for %d names in xs and zs", c.NumIn(), len(names))
	}
	if !slices.Contains(c.l.model.Graph.Nodes, c.n) {
		c.Fail("a gradient in a function, or in the body of control flow, is not supported")
	}
	if c.frame.depth() > maxDepth {
		c.Fail("gradients of gradients lie more than %d deep in each other", maxDepth)
	}
	args := c.Ins(0)
	body := c.l.g.Body()
	leaves := make([]*graph.Node, len(args))
	env := map[string]*value{}
	for i, x := range args {
		leaves[i] = body.Leaf(fmt.Sprint("x", i), x.Type())
		env[names[i]] = c.l.nodeValue(leaves[i])
	}
	var grads []*graph.Node
	c.l.within(body, func() {
		y := c.again(c.AttrString("y", ""), env)
		if !y.DType().Float() {
			c.Fail("%q is %v, which has no gradient", c.AttrString("y", ""), y.Type())
		}
		grads = graph.Grad(y, leaves[:len(xs)]...)
	})
	outer, inner := body.Captured()
	f, err := graph.NewFunc("gradient", append(leaves, inner...), grads)
	c.check(err)
	c.Return(c.l.g.Inline(f, append(args, outer...)...)...)
}

// again is the value name, computed again from the values of env.
func (c *Call) again(name string, env map[string]*value) *graph.Node {
	var nodes []*onnx.Node
	depends := map[string]bool{}
	for from := range env {
		depends[from] = true
	}
	for _, n := range c.l.model.Graph.Nodes {
		if !slices.ContainsFunc(uses(n), func(in string) bool { return depends[in] }) {
			continue
		}
		nodes = append(nodes, n)
		for _, out := range n.Out {
			depends[out] = true
		}
	}
	nodes = leadingTo(nodes, name, env)
	f := &frame{env: env, outer: c.frame, caller: c.l.frame, opsets: c.frame.opsets, last: lastUses(nodes, []string{name})}
	out, err := c.l.nodes(f, nodes, []string{name})
	c.check(err)
	return c.nodesOf(out)[0]
}

// leadingTo is those of nodes that name depends on, where env is given.
func leadingTo(nodes []*onnx.Node, name string, env map[string]*value) []*onnx.Node {
	want := map[string]bool{name: true}
	var kept []*onnx.Node
	for _, n := range slices.Backward(nodes) {
		if !slices.ContainsFunc(n.Out, func(out string) bool { return want[out] && env[out] == nil }) {
			continue
		}
		kept = append(kept, n)
		for _, in := range uses(n) {
			want[in] = true
		}
	}
	slices.Reverse(kept)
	return kept
}

// uses is the values that a node uses, itself or in the graphs among its
// attributes.
func uses(n *onnx.Node) []string {
	var names []string
	for name := range lastUses([]*onnx.Node{n}, nil) {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
