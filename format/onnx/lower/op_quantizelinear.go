package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	since := []int64{10, 13, 19, 21, 23, 24, 25, 28}
	register(Operator{Name: "QuantizeLinear", Since: since, Rule: quantizeLinear})
	register(Operator{Name: "DequantizeLinear", Since: since, Rule: dequantizeLinear})
	register(Operator{Name: "DynamicQuantizeLinear", Since: []int64{11}, Rule: dynamicQuantizeLinear})
}

// quantizeLinear is x/scale, rounded to nearest even, plus the zero point, within
// the range of the result's type.
func quantizeLinear(c *Call) {
	to := c.quantizedType()
	axis, block := c.AttrInt("axis", 1), c.AttrInt("block_size", 0)
	x := c.In(0)
	d := c.Type(1).DType
	if !d.Float() || d.Storage() {
		d = tensor.Float32
	}
	if p, given := c.typeAttr("precision"); given {
		d = p
	}
	y := c.single(ops.Div(ops.Convert(x, d), c.steps(1, d, x.Shape(), axis, block)))
	if to.Float() && to != tensor.Float4E2M1 {
		// A zero point only says which type is wanted.
		if c.AttrBool("saturate", true) {
			c.Return(saturated(y, to))
		} else {
			c.Return(ops.Convert(y, to))
		}
		return
	}
	if !to.Float() {
		y = ops.Round(y)
	}
	if c.Has(2) {
		y = ops.Add(y, c.steps(2, y.DType(), x.Shape(), axis, block))
	}
	c.Return(saturated(y, to))
}

// quantizedType is the element type of a QuantizeLinear's result: the zero point's,
// that of the attribute output_dtype, or uint8.
func (c *Call) quantizedType() tensor.DType {
	d, given := c.typeAttr("output_dtype")
	switch {
	case c.Has(2) && given && d != c.Type(2).DType:
		c.Fail("attribute \"output_dtype\" is %v, the zero point has %v elements", d, c.Type(2).DType)
	case c.Has(2):
		d = c.Type(2).DType
	case !given:
		d = tensor.Uint8
	}
	if d.Bits() > 16 || d == tensor.Bool || d.Float() && !d.Storage() || d == tensor.Float8E8M0 {
		c.Fail("%v is no type to quantize to", d)
	}
	return d
}

// typeAttr is an element type given by its number, 0 for none.
func (c *Call) typeAttr(name string) (d tensor.DType, given bool) {
	if c.AttrInt(name, 0) == 0 {
		return d, false
	}
	return c.AttrDType(name, d), true
}

// dequantizeLinear is (x - zero point)·scale.
func dequantizeLinear(c *Call) {
	axis, block := c.AttrInt("axis", 1), c.AttrInt("block_size", 0)
	to := c.Type(1).DType
	if d, given := c.typeAttr("output_dtype"); given {
		to = d
	}
	if !to.Float() || to.Storage() {
		c.Fail("%v is no type to compute in", to)
	}
	x := c.In(0)
	if c.Has(2) && !x.DType().Float() {
		d := tensor.Int32
		if x.DType().Bits() <= 16 {
			d = tensor.Float32 // exact, and loops have it
		}
		x = ops.Sub(ops.Convert(x, d), c.steps(2, d, x.Shape(), axis, block))
	}
	x = c.single(x)
	c.Return(ops.Convert(ops.Mul(x, c.steps(1, x.DType(), x.Shape(), axis, block)), to))
}

// dynamicQuantizeLinear quantizes to uint8 by a scale and zero point that take in
// all elements and 0.
func dynamicQuantizeLinear(c *Call) {
	x := c.In(0)
	zero := ops.Like(ops.ReduceMax(x), 0)
	least, most := ops.Min(ops.ReduceMin(x), zero), ops.Max(ops.ReduceMax(x), zero)
	scale := ops.Div(ops.Sub(most, least), ops.Like(most, 255))
	scale = ops.Select(ops.Eq(scale, zero), ops.Like(scale, 1), scale)
	point := ops.Round(ops.Clamp(ops.Neg(ops.Div(least, scale)), 0, 255))
	over := func(n *graph.Node) *graph.Node { return ops.BroadcastInDim(n, x.Shape()) }
	y := ops.Add(ops.Round(ops.Div(x, over(scale))), over(point))
	c.Return(saturated(y, tensor.Uint8), scale, ops.Convert(point, tensor.Uint8))
}
