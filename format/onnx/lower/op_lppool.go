package lower

import (
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

func init() {
	register(Operator{Name: "LpPool", Since: []int64{1, 2, 11, 18, 22}, Rule: lpPool})
	register(Operator{Name: "GlobalLpPool", Since: []int64{1, 2, 22}, Rule: globalLpPool})
}

func lpPool(c *Call) {
	p := c.power()
	w, _ := c.poolWindows()
	c.Return(c.named1("lp-pool", c.In(0), func(x *graph.Node) *graph.Node {
		return inFloat32(x, func(x *graph.Node) *graph.Node {
			return channelsSecond(root(ops.SumPool(channelsLast(raised(x, p)), w.pool()), p))
		})
	}))
}

func globalLpPool(c *Call) {
	p := c.power()
	axes := spatialAxes(c.Rank(0))
	c.Return(c.named1("global-lp-pool", c.In(0), func(x *graph.Node) *graph.Node {
		return inFloat32(x, func(x *graph.Node) *graph.Node {
			y := raised(x, p)
			if len(axes) > 0 {
				y = c.keepDims(ops.ReduceSum(y, axes...), x.Shape(), axes)
			}
			return root(y, p)
		})
	}))
}

// power is the attribute p, 2 if it is not there: a broken number in opset 1.
func (c *Call) power() float64 {
	p := 2.0
	if a, ok := c.n.Attr("p"); ok && a.Kind == onnx.AttrFloat {
		p = c.AttrFloat("p", 2)
	} else {
		p = float64(c.AttrInt("p", 2))
	}
	if !(p > 0) {
		c.Fail("attribute \"p\" is %v, want more than 0", p)
	}
	return p
}

// raised is |x|ᵖ.
func raised(x *graph.Node, p float64) *graph.Node {
	switch p {
	case 1:
		return ops.Abs(x)
	case 2:
		return ops.Mul(x, x)
	}
	return ops.Pow(ops.Abs(x), ops.Like(x, p))
}

// root is y to the power of 1/p.
func root(y *graph.Node, p float64) *graph.Node {
	switch p {
	case 1:
		return y
	case 2:
		return ops.Sqrt(y)
	}
	return ops.Pow(y, ops.Like(y, 1/p))
}
