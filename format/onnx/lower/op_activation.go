package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

func init() {
	unary("Relu", relu, 1, 6, 13, 14)
	unary("Sigmoid", ops.Logistic, 1, 6, 13)
	unary("Softplus", ops.Softplus, 1, 22)
	unary("HardSwish", ops.HardSwish, 14, 22)
	unary("Mish", ops.Mish, 18, 22)
	unaryWith("Softsign", softsign, 1, 22)
	unaryWith("Elu", elu, 1, 6, 22)
	unaryWith("Celu", celu, 12, 28)
	unaryWith("Selu", selu, 1, 6, 22)
	unaryWith("LeakyRelu", leakyRelu, 1, 6, 16)
	unaryWith("ThresholdedRelu", thresholdedRelu, 1, 10, 22)
	unaryWith("HardSigmoid", hardSigmoid, 1, 6, 22)
	unaryWith("Gelu", gelu, 20)
	unaryWith("Swish", swish, 24)
	unaryWith("Shrink", shrink, 9)
	register(Operator{Name: "SwiGLU", Since: []int64{28}, Rule: swiGLU})
	register(Operator{Name: "PRelu", Since: []int64{1, 6, 7, 9, 16}, Rule: prelu})
}

// unaryWith registers an operator that is f of its operand and its attributes.
func unaryWith(name string, f func(c *Call, x *graph.Node) *graph.Node, since ...int64) {
	register(Operator{Name: name, Since: since, Rule: func(c *Call) { c.Return(f(c, c.In(0))) }})
}

func relu(x *graph.Node) *graph.Node {
	if x.DType().Float() {
		return ops.ReLU(x)
	}
	return ops.Max(x, ops.Like(x, 0))
}

// softsign is x/(1+|x|).
func softsign(c *Call, x *graph.Node) *graph.Node {
	return c.named1("softsign", x, func(x *graph.Node) *graph.Node {
		return ops.Div(x, ops.Add(ops.Like(x, 1), ops.Abs(x)))
	})
}

func elu(c *Call, x *graph.Node) *graph.Node { return ops.ELU(x, c.AttrFloat("alpha", 1)) }

func celu(c *Call, x *graph.Node) *graph.Node { return ops.CELU(x, c.AttrFloat("alpha", 1)) }

// selu is gamma·x where x > 0, and gamma·alpha·(eˣ-1) elsewhere.
func selu(c *Call, x *graph.Node) *graph.Node {
	// The standard's defaults, of opset 1 and since, in float32.
	first := c.Opset() < 6
	alpha := c.AttrFloat("alpha", float64(choose[float32](first, 1.6732, 1.67326319217681884765625)))
	gamma := c.AttrFloat("gamma", float64(choose[float32](first, 1.0507, 1.05070102214813232421875)))
	if float32(alpha) == 1.67326319217681884765625 && float32(gamma) == 1.05070102214813232421875 {
		return ops.SELU(x)
	}
	return c.named1("selu", x, func(x *graph.Node) *graph.Node { return ops.Scale(ops.ELU(x, alpha), gamma) })
}

func choose[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

func leakyRelu(c *Call, x *graph.Node) *graph.Node {
	return ops.LeakyReLU(x, c.AttrFloat("alpha", float64(float32(0.01))))
}

// thresholdedRelu is x where x > alpha, and 0 elsewhere.
func thresholdedRelu(c *Call, x *graph.Node) *graph.Node {
	alpha := c.AttrFloat("alpha", 1)
	return c.named1("thresholded-relu", x, func(x *graph.Node) *graph.Node {
		return ops.Select(ops.Gt(x, ops.Like(x, alpha)), x, ops.Like(x, 0))
	})
}

// hardSigmoid is alpha·x+beta between 0 and 1.
func hardSigmoid(c *Call, x *graph.Node) *graph.Node {
	alpha, beta := c.AttrFloat("alpha", float64(float32(0.2))), c.AttrFloat("beta", 0.5)
	if float32(alpha) == float32(1.0/6) && beta == 0.5 {
		return ops.HardSigmoid(x)
	}
	return c.named1("hard-sigmoid", x, func(x *graph.Node) *graph.Node {
		return ops.Clamp(ops.Add(ops.Scale(x, alpha), ops.Like(x, beta)), 0, 1)
	})
}

func gelu(c *Call, x *graph.Node) *graph.Node {
	switch how := c.AttrString("approximate", "none"); how {
	case "none":
		return ops.GELU(x)
	case "tanh":
		return ops.GELUTanh(x)
	default:
		c.Fail("attribute \"approximate\" is %q, want none or tanh", how)
		return nil
	}
}

// swish is x·logistic(alpha·x).
func swish(c *Call, x *graph.Node) *graph.Node {
	alpha := c.AttrFloat("alpha", 1)
	if alpha == 1 {
		return ops.SiLU(x)
	}
	return c.named1("swish", x, func(x *graph.Node) *graph.Node {
		return ops.Mul(x, ops.Logistic(ops.Scale(x, alpha)))
	})
}

// swiGLU is swish(a)·b, of one shape (Shazeer, GLU Variants Improve Transformer, 2020).
func swiGLU(c *Call) {
	if c.Shape(0) != c.Shape(1) {
		c.Fail("operands of shapes %v and %v", c.Shape(0), c.Shape(1))
	}
	c.Return(ops.Mul(swish(c, c.In(0)), c.In(1)))
}

// shrink moves numbers outside of ±lambd towards 0 by bias; the others are 0.
func shrink(c *Call, x *graph.Node) *graph.Node {
	edge, bias := c.AttrFloat("lambd", 0.5), c.AttrFloat("bias", 0)
	return inFloats(func(x *graph.Node) *graph.Node {
		return c.named1("shrink", x, func(x *graph.Node) *graph.Node {
			b := ops.Like(x, bias)
			high := ops.Select(ops.Gt(x, ops.Like(x, edge)), ops.Sub(x, b), ops.Like(x, 0))
			return ops.Select(ops.Lt(x, ops.Like(x, -edge)), ops.Add(x, b), high)
		})
	})(x)
}

// prelu stretches the slopes to the operand. Before opset 7 they are one, or one
// for each channel.
func prelu(c *Call) {
	s, t := c.Shape(0), c.Shape(1)
	if c.Opset() < 7 && t.Size() > 1 && t.Rank() == 1 && s.Rank() > 2 {
		for range s.Rank() - 2 {
			t = t.Append(1)
		}
	}
	if c.broadcast(s, t) != s {
		c.Fail("slopes of shape %v do not stretch to %v", c.Shape(1), s)
	}
	c.Return(ops.PReLU(c.In(0), stretched(ops.Reshape(c.In(1), t), s)))
}
