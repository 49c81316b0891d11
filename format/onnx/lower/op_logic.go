package lower

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Equal", Since: []int64{1, 7, 11, 13, 19}, Rule: equalRule})
	pairwise("Less", ops.Lt, 1, 7, 9, 13)
	pairwise("Greater", ops.Gt, 1, 7, 9, 13)
	pairwise("LessOrEqual", ops.Le, 12, 16)
	pairwise("GreaterOrEqual", ops.Ge, 12, 16)

	pairwise("And", ops.And, 1, 7)
	pairwise("Or", ops.Or, 1, 7)
	pairwise("Xor", ops.Xor, 1, 7)
	pairwise("BitwiseAnd", ops.And, 18)
	pairwise("BitwiseOr", ops.Or, 18)
	pairwise("BitwiseXor", ops.Xor, 18)
	register(Operator{Name: "BitShift", Since: []int64{11, 28}, Rule: bitShift})

	register(Operator{Name: "Where", Since: []int64{9, 16}, Rule: moves(where)})
	unary("IsNaN", func(x *graph.Node) *graph.Node { return ops.Ne(x, x) }, 9, 13, 20)
	unaryWith("IsInf", isInf, 10, 20)
}

// equalRule compares texts too.
func equalRule(c *Call) {
	if c.hasTexts() {
		c.Host(onTextPairs(equalTexts), 0, 1)
		return
	}
	c.Return(ops.Eq(c.pair()))
}

func equalTexts(a, b []string, dims []int) Host {
	same := make([]bool, len(a))
	for i := range a {
		same[i] = a[i] == b[i]
	}
	return boolsHost(same, dims)
}

func bitShift(c *Call) {
	switch d := c.AttrString("direction", ""); d {
	case "LEFT":
		c.Return(ops.ShiftLeft(c.pair()))
	case "RIGHT":
		c.Return(ops.ShiftRight(c.pair()))
	default:
		c.Fail("attribute \"direction\" is %q, want LEFT or RIGHT", d)
	}
}

// where is operand 1 where operand 0 is true, and operand 2 elsewhere.
func where(c *Call) {
	x := c.stretch(0)
	if len(x) != 3 {
		c.Fail("takes 3 operands, it is given %d", len(x))
	}
	c.Return(ops.Select(x[0], x[1], x[2]))
}

// isInf is true at the infinities of the signs that are asked for.
func isInf(c *Call, x *graph.Node) *graph.Node {
	below, above := c.AttrBool("detect_negative", true), c.AttrBool("detect_positive", true)
	switch {
	case below && above:
		return ops.Eq(ops.Abs(x), ops.Like(x, math.Inf(1)))
	case below:
		return ops.Eq(x, ops.Like(x, math.Inf(-1)))
	case above:
		return ops.Eq(x, ops.Like(x, math.Inf(1)))
	}
	return c.Graph().Fill(0, tensor.Type{DType: tensor.Bool, Shape: x.Shape()})
}
