package lower

import (
	"fmt"

	"github.com/ihae/ihae/graph"
)

// named is build of xs as one node, so that who reads the graph sees what the
// model calls it and not what it is made of.
func (c *Call) named(name string, build func(x []*graph.Node) *graph.Node, xs ...*graph.Node) *graph.Node {
	body := graph.New()
	leaves := make([]*graph.Node, len(xs))
	for i, x := range xs {
		leaves[i] = body.Leaf(fmt.Sprint("x", i), x.Type())
	}
	f, err := graph.NewFunc(name, leaves, []*graph.Node{build(leaves)})
	c.check(err)
	return graph.Apply1(graph.Call{Body: f}, xs...)
}

// named1 is named of one operand.
func (c *Call) named1(name string, x *graph.Node, build func(x *graph.Node) *graph.Node) *graph.Node {
	return c.named(name, func(x []*graph.Node) *graph.Node { return build(x[0]) }, x)
}
