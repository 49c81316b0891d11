package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	pairwise("Add", ops.Add, 1, 6, 7, 13, 14)
	pairwise("Sub", ops.Sub, 1, 6, 7, 13, 14)
	pairwise("Mul", ops.Mul, 1, 6, 7, 13, 14)
	pairwise("Div", ops.Div, 1, 6, 7, 13, 14)
	pairwise("Pow", power, 1, 7, 12, 13, 15)
	register(Operator{Name: "Mod", Since: []int64{10, 13, 28}, Rule: modulo})

	variadic("Sum", ops.Add, 1, 6, 8, 13)
	variadic("Max", ops.Max, 1, 6, 8, 12, 13)
	variadic("Min", ops.Min, 1, 6, 8, 12, 13)
	register(Operator{Name: "Mean", Since: []int64{1, 6, 8, 13}, Rule: mean})
}

// pairwise registers an operator that is f of its two operands.
func pairwise(name string, f func(a, b *graph.Node) *graph.Node, since ...int64) {
	register(Operator{Name: name, Since: since, Rule: func(c *Call) { c.Return(f(c.pair())) }})
}

// variadic registers an operator that is f of all its operands, one after the
// other.
func variadic(name string, f func(a, b *graph.Node) *graph.Node, since ...int64) {
	register(Operator{Name: name, Since: since, Rule: func(c *Call) { c.Return(c.join(f)) }})
}

// join is f of all operands, one after the other. Before opset 8 they have one
// shape.
func (c *Call) join(f func(a, b *graph.Node) *graph.Node) *graph.Node {
	for i := 1; i < c.NumIn() && c.Opset() < 8; i++ {
		if c.Shape(i) != c.Shape(0) {
			c.Fail("operands of shapes %v and %v", c.Shape(0), c.Shape(i))
		}
	}
	x := c.stretch(0)
	y := x[0]
	for _, v := range x[1:] {
		y = f(y, v)
	}
	return y
}

func mean(c *Call) {
	sum := c.join(ops.Add)
	c.Return(ops.Div(sum, ops.Like(sum, float64(c.NumIn()))))
}

// power is aᵇ of a's type: b may be of another, and is not rounded to narrower floats.
func power(a, b *graph.Node) *graph.Node {
	switch x, y := a.DType(), b.DType(); {
	case x == y:
		return ops.Pow(a, b)
	case x.Float() && y.Float() && y.Bits() > x.Bits():
		return ops.Convert(ops.Pow(ops.Convert(a, y), b), x)
	case x.Float():
		return inFloat32(a, func(a *graph.Node) *graph.Node { return ops.Pow(a, ops.Convert(b, a.DType())) })
	case y.Float():
		return ops.Convert(ops.Pow(ops.Convert(a, tensor.Float64), ops.Convert(b, tensor.Float64)), x)
	}
	return ops.Convert(ops.Pow(ops.Convert(a, tensor.Int64), ops.Convert(b, tensor.Int64)), a.DType())
}

// modulo is the remainder with the sign of the divisor or, with the attribute
// fmod, of the dividend.
func modulo(c *Call) {
	f := ops.Mod
	if c.AttrBool("fmod", false) {
		f = ops.Rem
	}
	c.Return(f(c.pair()))
}
