package lower

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// What the operators of classical machine learning have in common. Where the
// standard is vague they do what ONNX Runtime does.

const machineLearning = "ai.onnx.ml"

func learned(name string, rule func(c *Call), since ...int64) {
	register(Operator{Domain: machineLearning, Name: name, Since: since, Rule: rule})
}

// float32Here is the element type of what the standard has as float32.
func (c *Call) float32Here() tensor.DType {
	return c.l.typeHere(tensor.Type{DType: tensor.Float32}).DType
}

// features is operand 0, [N F] or [F], as floats [N F].
func (c *Call) features() *graph.Node {
	s := c.Shape(0)
	if s.Rank() < 1 || s.Rank() > 2 {
		c.Fail("features of shape %v, want [N F] or [F]", s)
	}
	x := c.In(0)
	if !x.DType().Float() {
		x = ops.Convert(x, c.float32Here())
	}
	if s.Rank() == 1 {
		x = ops.Reshape(x, tensor.Dims(1, s.Dim(0)))
	}
	return x
}

// returnFloats gives result i as the standard's float32.
func (c *Call) returnFloats(i int, y *graph.Node) {
	c.set(i, c.l.nodeValue(ops.Convert(y, c.float32Here())))
}

// perFeature is numbers as a constant for each of n features, or for all.
func (c *Call) perFeature(x *graph.Node, name string, n int) *graph.Node {
	list := c.AttrFloats(name)
	if len(list) != 1 && len(list) != n {
		c.Fail("attribute %q has %d numbers for %d features", name, len(list), n)
	}
	return c.numbersLike(x, list, len(list))
}

// scored is scores [N E] after the transform that an attribute names. One
// score a row is left alone by all but PROBIT.
func (c *Call) scored(z *graph.Node, how string) *graph.Node {
	one := z.Shape().Dim(1) == 1
	switch how {
	case "NONE", "":
		return z
	case "PROBIT":
		return probit(z)
	case "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO":
	default:
		c.Fail("attribute \"post_transform\" is %q, want NONE, LOGISTIC, SOFTMAX, SOFTMAX_ZERO or PROBIT", how)
	}
	switch {
	case one:
		return z
	case how == "LOGISTIC":
		return ops.Logistic(z)
	case how == "SOFTMAX":
		return ops.Softmax(z, 1)
	}
	return softmaxZero(z)
}

// twoScores is the scores of two classes from s [N 1], that of the second: the
// first has the rest to one, or the negative.
func (c *Call) twoScores(s *graph.Node, rest bool, how string) *graph.Node {
	other := ops.Neg(s)
	if how == "LOGISTIC" {
		return ops.Logistic(ops.Concatenate(1, other, s))
	}
	if rest {
		other = ops.Sub(ops.Like(s, 1), s)
	}
	both := ops.Concatenate(1, other, s)
	if how == "PROBIT" {
		return probit(both)
	}
	c.scored(s, how) // refuses unknown ones
	return both
}

// softmaxZero is the softmax of the scores that are not 0; those that are keep 0.
// Where all are, each is 1/2.
func softmaxZero(z *graph.Node) *graph.Node {
	most := ops.Reshape(ops.ReduceMax(z, 1), z.Shape().With(1, 1))
	zero := ops.Le(ops.Abs(z), ops.Like(z, 1e-7))
	e := ops.Select(zero, ops.Mul(z, ops.Exp(ops.Neg(most))), ops.Exp(ops.Sub(z, most)))
	sum := ops.Reshape(ops.ReduceSum(e, 1), z.Shape().With(1, 1))
	none := ops.Eq(sum, ops.Like(sum, 0))
	return ops.Select(none, ops.Like(z, 0.5), ops.Div(e, ops.Select(none, ops.Like(sum, 1), sum)))
}

// probit is the quantile of the normal distribution at p, to about 2e-3, as ONNX
// Runtime has it: √2·erf⁻¹(2p-1) after Winitzki, A Handy Approximation for the
// Error Function and Its Inverse, 2008.
func probit(p *graph.Node) *graph.Node {
	const a = 0.147
	x := ops.Sub(ops.Scale(p, 2), ops.Like(p, 1))
	one := ops.Like(x, 1)
	l := ops.Log(ops.Mul(ops.Sub(one, x), ops.Add(one, x)))
	v := ops.Add(ops.Scale(l, 0.5), ops.Like(l, 2/(math.Pi*a)))
	root := ops.Sqrt(ops.Sub(ops.Mul(v, v), ops.Scale(l, 1/a)))
	y := ops.Scale(ops.Sqrt(ops.Sub(root, v)), math.Sqrt2)
	return ops.Select(ops.Lt(x, ops.Like(x, 0)), ops.Neg(y), y)
}
