package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	unary("Abs", ops.Abs, 1, 6, 13)
	unary("Neg", ops.Neg, 1, 6, 13)
	unary("Sign", ops.Sign, 9, 13)
	unary("Ceil", ops.Ceil, 1, 6, 13)
	unary("Floor", ops.Floor, 1, 6, 13)
	unary("Round", ops.Round, 11, 22)
	unary("Sqrt", ops.Sqrt, 1, 6, 13)
	unary("Reciprocal", reciprocal, 1, 6, 13)
	unary("Exp", ops.Exp, 1, 6, 13)
	unary("Log", ops.Log, 1, 6, 13)
	unary("Erf", inFloats(ops.Erf), 9, 13)

	unary("Sin", ops.Sin, 7, 22)
	unary("Cos", ops.Cos, 7, 22)
	unary("Tan", ops.Tan, 7, 22)
	unary("Asin", ops.Asin, 7, 22)
	unary("Acos", ops.Acos, 7, 22)
	unary("Atan", atan, 7, 22)
	unary("Sinh", ops.Sinh, 9, 22)
	unary("Cosh", ops.Cosh, 9, 22)
	unary("Tanh", ops.Tanh, 1, 6, 13)
	unary("Asinh", ops.Asinh, 9, 22)
	unary("Acosh", ops.Acosh, 9, 22)
	unary("Atanh", ops.Atanh, 9, 22)

	unary("Not", ops.Not, 1)
	unary("BitwiseNot", ops.Not, 18)
}

// unary registers an operator that is f of its operand.
func unary(name string, f func(x *graph.Node) *graph.Node, since ...int64) {
	register(Operator{Name: name, Since: since, Rule: func(c *Call) { c.Return(f(c.In(0))) }})
}

func reciprocal(x *graph.Node) *graph.Node { return ops.Div(ops.Like(x, 1), x) }

// atan is the angle in [-π/2, π/2] whose tangent is x.
func atan(x *graph.Node) *graph.Node { return ops.Atan2(x, ops.Like(x, 1)) }

// inFloats is f of whole numbers too: it is computed in float64 then, and cut.
func inFloats(f func(x *graph.Node) *graph.Node) func(x *graph.Node) *graph.Node {
	return func(x *graph.Node) *graph.Node {
		if x.DType().Float() {
			return f(x)
		}
		return ops.Convert(f(ops.Convert(x, tensor.Float64)), x.DType())
	}
}
