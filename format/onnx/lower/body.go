package lower

import (
	"fmt"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// What the operators of control flow have in common.

// body lowers a graph among the node's attributes, in place.
func (c *Call) body(g *onnx.Graph, inputs []*value) []*value {
	if depth := c.frame.depth(); depth > maxDepth {
		c.Fail("graphs lie more than %d deep in each other", maxDepth)
	}
	if c.l.steps++; c.l.steps > maxSteps {
		c.Fail("more than %d steps; a loop does not end", maxSteps)
	}
	if len(inputs) != len(g.Inputs) {
		c.Fail("its graph takes %d inputs, it is given %d", len(g.Inputs), len(inputs))
	}
	out, err := c.l.graph(g, c.frame, inputs)
	c.check(err)
	return out
}

func (f *frame) depth() int {
	n := 0
	for ; f != nil; f = f.caller {
		n++
	}
	return n
}

// dynamic says whether segments may end here.
func (c *Call) dynamic() bool { return c.l.rec != nil && c.l.g == c.l.root }

// decidable says whether the content of operand i can be had here.
func (c *Call) decidable(i int) bool {
	v := c.value(i)
	if c.dynamic() || v.isKnown() {
		return true
	}
	_, ok := c.l.constant(v)
	return ok
}

// attempt runs f and says whether it succeeded. What depends on data, or changes
// its type from step to step, makes it fail; other mistakes end the rule.
func (c *Call) attempt(f func()) bool {
	err := c.run(func(*Call) { f() })
	if err == nil {
		return true
	}
	if n, ok := err.(*NodeError); ok {
		err = n.Err
	}
	switch err.(type) {
	case *DynamicError, *changingError:
		return false
	}
	panic(stop{err})
}

// changingError says that a value of a loop is of another type in the next step.
type changingError struct{ was, is tensor.Type }

func (e *changingError) Error() string {
	return fmt.Sprintf("a value that the loop carries is %v, then %v", e.was, e.is)
}

// same ends the attempt unless nodes have the types of want.
func same(nodes, want []*graph.Node) []*graph.Node {
	for i, n := range want {
		if nodes[i].Type() != n.Type() {
			panic(stop{&changingError{n.Type(), nodes[i].Type()}})
		}
	}
	return nodes
}

// nodesOf is values as nodes of the innermost graph; what is no tensor has none.
func (c *Call) nodesOf(vs []*value) []*graph.Node {
	c.touched = true
	nodes := make([]*graph.Node, len(vs))
	for i, v := range vs {
		if v == nil || v.kind != KindTensor {
			panic(stop{&DynamicError{"a sequence or optional in a loop"}})
		}
		nodes[i] = c.l.nodeOf(v)
	}
	return nodes
}

func (c *Call) valuesOf(nodes []*graph.Node) []*value {
	vs := make([]*value, len(nodes))
	for i, n := range nodes {
		vs[i] = c.l.nodeValue(n)
	}
	return vs
}

// stack lays values of one type along a new axis.
func (c *Call) stack(vs []*value, axis int) *graph.Node {
	nodes := c.nodesOf(vs)
	for i, n := range nodes {
		dims := n.Shape().Dims()
		dims = append(dims[:axis:axis], append([]int{1}, dims[axis:]...)...)
		nodes[i] = ops.Reshape(n, c.Dims(dims...))
	}
	if len(nodes) == 1 {
		return nodes[0]
	}
	return ops.Concatenate(axis, nodes...)
}

// nothing is the result over no steps at all of what a body gives as p.
func (c *Call) nothing(p *onnx.Port) *value {
	t := tensor.Type{DType: tensor.Float32}
	dims := []int{0}
	if p.Type != nil {
		if d, ok := p.Type.Elem.DType(); ok {
			t.DType = d
		}
		for _, d := range p.Type.Dims {
			dims = append(dims, int(max(d.Size, 0)))
		}
	}
	t.Shape = c.Dims(dims...)
	if p.Type != nil && p.Type.Elem == onnx.ElemString {
		return knownValue(StringsHost(nil, dims...))
	}
	return knownValue(TensorHost(tensor.New(c.l.typeHere(t))))
}
