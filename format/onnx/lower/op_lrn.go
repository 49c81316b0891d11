package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "LRN", Since: []int64{1, 13}, Rule: localResponse})
}

// localResponse is x/(bias + alpha/size·Σ x²)^beta over size neighbouring channels:
// X [N C spatial…].
func localResponse(c *Call) {
	size := c.AttrInt("size", 0)
	if size < 1 || size > farthest || c.Rank(0) < 2 {
		c.Fail("%d neighbours of the channels of %v", size, c.Type(0))
	}
	alpha, beta, bias := c.AttrFloat("alpha", 1e-4), c.AttrFloat("beta", 0.75), c.AttrFloat("bias", 1)
	dims := c.Shape(0).Dims()
	planes := c.Dims(dims[0], dims[1], tensor.Dims(dims[2:]...).Size())
	window := ops.WindowDims{
		Size: ops.List(size), Stride: ops.List(1), PadLow: ops.List((size - 1) / 2), PadHigh: ops.List(size / 2),
	}
	c.Return(c.named1("lrn", c.In(0), func(x *graph.Node) *graph.Node {
		return inFloat32(x, func(x *graph.Node) *graph.Node {
			sum := ops.SumPool(ops.Reshape(ops.Mul(x, x), planes), window)
			base := ops.Scale(ops.Reshape(sum, x.Shape()), alpha/float64(size))
			base = ops.Add(base, ops.Like(base, bias))
			return ops.Mul(x, lowered(base, beta))
		})
	}))
}

// lowered is base to the power of -beta; the usual powers are roots.
func lowered(base *graph.Node, beta float64) *graph.Node {
	switch r := ops.Rsqrt(base); beta {
	case 0.5:
		return r
	case 0.75:
		return ops.Mul(r, ops.Sqrt(r))
	case 1:
		return ops.Mul(r, r)
	}
	return ops.Pow(base, ops.Like(base, -beta))
}
