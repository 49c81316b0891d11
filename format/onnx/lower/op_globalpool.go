package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	global := func(name string, reduce func(x *graph.Node, axes ...int) *graph.Node) {
		register(Operator{Name: name, Since: []int64{1, 22}, Rule: func(c *Call) { globalPool(c, reduce) }})
	}
	global("GlobalAveragePool", func(x *graph.Node, axes ...int) *graph.Node {
		return inFloat32(x, func(x *graph.Node) *graph.Node { return ops.Mean(x, axes...) })
	})
	global("GlobalMaxPool", ops.ReduceMax)
}

// globalPool reduces all spatial axes of [N C spatial…] to size 1.
func globalPool(c *Call, reduce func(x *graph.Node, axes ...int) *graph.Node) {
	axes := spatialAxes(c.Rank(0))
	if len(axes) == 0 {
		c.ReturnIn(0, 0)
		return
	}
	x := c.In(0)
	c.Return(c.keepDims(reduce(x, axes...), x.Shape(), axes))
}

// keepDims gives y, which was reduced over axes of a tensor of shape x, these axes
// back with size 1.
func (c *Call) keepDims(y *graph.Node, x tensor.Shape, axes []int) *graph.Node {
	for _, a := range axes {
		x = x.With(a, 1)
	}
	return ops.Reshape(y, x)
}
