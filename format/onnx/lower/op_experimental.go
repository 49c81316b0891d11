package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

// The operators that opset 1 had on trial and that opset 10 left out, as models of
// 2017 and 2018 have them. Their formulas are those of the format's version 1.0.
func init() {
	unaryWith("ScaledTanh", scaledTanh, 1)
	unaryWith("ParametricSoftplus", parametricSoftplus, 1)
	unaryWith("Affine", affine, 1)
	register(Operator{Name: "ImageScaler", Since: []int64{1}, Rule: imageScaler})
	register(Operator{Name: "Crop", Since: []int64{1}, Rule: crop})
}

// scaledTanh is alpha·tanh(beta·x).
func scaledTanh(c *Call, x *graph.Node) *graph.Node {
	alpha, beta := c.needFloat("alpha"), c.needFloat("beta")
	return c.named1("scaled-tanh", x, func(x *graph.Node) *graph.Node {
		return ops.Scale(ops.Tanh(ops.Scale(x, beta)), alpha)
	})
}

// parametricSoftplus is alpha·log(1+e^(beta·x)).
func parametricSoftplus(c *Call, x *graph.Node) *graph.Node {
	alpha, beta := c.needFloat("alpha"), c.needFloat("beta")
	return c.named1("parametric-softplus", x, func(x *graph.Node) *graph.Node {
		return ops.Scale(ops.Softplus(ops.Scale(x, beta)), alpha)
	})
}

// needFloat is an attribute that must be there.
func (c *Call) needFloat(name string) float64 {
	if !c.HasAttr(name) {
		c.Fail("attribute %q is missing", name)
	}
	return c.AttrFloat(name, 0)
}

// affine is alpha·x+beta.
func affine(c *Call, x *graph.Node) *graph.Node {
	return ops.Add(ops.Scale(x, c.AttrFloat("alpha", 1)), ops.Like(x, c.AttrFloat("beta", 0)))
}

// imageScaler is scale·x and a bias for each channel, of images [N C H W].
func imageScaler(c *Call) {
	s := c.Shape(0)
	bias := c.AttrFloats("bias")
	if s.Rank() != 4 || len(bias) != s.Dim(1) && bias != nil {
		c.Fail("%d numbers of bias for images of shape %v, want one for each channel of [N C H W]", len(bias), s)
	}
	x := c.In(0)
	y := ops.Scale(x, c.AttrFloat("scale", 1))
	if bias != nil {
		y = ops.Add(y, c.numbersLike(x, bias, len(bias), 1, 1))
	}
	c.Return(y)
}

// crop cuts images [N C H W]: border has the pixels left out at the left, the top,
// the right and the bottom; with scale, the height and width that stay, only the
// first two count.
func crop(c *Call) {
	s := c.Shape(0)
	border, size := c.AttrInts("border"), c.AttrInts("scale")
	if s.Rank() != 4 || len(border) != 4 || size != nil && len(size) != 2 {
		c.Fail("border %v and scale %v for images of shape %v, want 4 and 2 numbers for [N C H W]", border, size, s)
	}
	low := []int{border[1], border[0]}
	high := []int{s.Dim(2) - border[3], s.Dim(3) - border[2]}
	if size != nil {
		high = []int{low[0] + size[0], low[1] + size[1]}
	}
	for i := range low {
		if low[i] < 0 || high[i] < low[i] || high[i] > s.Dim(2+i) {
			c.Fail("images of shape %v have no part from %v to %v", s, low, high)
		}
	}
	start := []int{0, 0, low[0], low[1]}
	limit := []int{s.Dim(0), s.Dim(1), high[0], high[1]}
	c.Return(ops.Slice(c.In(0), start, limit, []int{1, 1, 1, 1}))
}
