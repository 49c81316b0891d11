package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "MatMulInteger", Since: []int64{10}, Rule: matMulInteger})
	register(Operator{Name: "QLinearMatMul", Since: []int64{10, 21}, Rule: qLinearMatMul})
}

// matMulInteger: A, B and their zero points, of A one for each row, of B one for
// each column, or one for all.
func matMulInteger(c *Call) {
	c.isByte(0, 1)
	c.Return(integerProduct(c.In(0), c.In(1), c.zeroPoint(2, asRows), c.zeroPoint(3, asColumns)))
}

// asRows and asColumns are the shapes of n numbers for the rows and the columns of
// a matrix.
func asRows(n int) tensor.Shape { return tensor.Dims(n, 1) }

func asColumns(n int) tensor.Shape { return tensor.Dims(n) }

// qLinearMatMul: A, B and Y each with a scale and a zero point.
func qLinearMatMul(c *Call) {
	c.isByte(0, 3, 7)
	zeroA, zeroB := c.zeroPoint(2, asRows), c.zeroPoint(5, asColumns)
	along := func(i int, shape func(int) tensor.Shape) *graph.Node {
		n := c.single(c.In(i)) // products of scales are too small for float16
		if n.Shape().Rank() == 1 && n.Shape().Size() > 1 {
			return ops.Reshape(n, shape(n.Shape().Size()))
		}
		return n
	}
	scale := ops.Mul(along(1, asRows), along(4, asColumns))
	scale = ops.Div(scale, along(6, asRows))
	if y := c.byteProduct(c.In(0), c.In(3), zeroA, zeroB, nil, scale, 7); y != nil {
		c.Return(y)
		return
	}
	product := integerProduct(c.In(0), c.In(3), zeroA, zeroB)
	c.Return(c.requantized(c.single(product), scale, 7, asRows))
}

// requantized is x·scale, rounded, plus the zero point that operand i is, in that
// operand's type.
func (c *Call) requantized(x, scale *graph.Node, i int, shape func(n int) tensor.Shape) *graph.Node {
	if scale.Shape().Size() == 1 {
		scale = ops.Reshape(scale, tensor.Dims())
	}
	y := ops.Round(ops.Mul(x, c.single(scale)))
	zero := c.zeroPoint(i, shape)
	if zero.node != nil {
		y = ops.Add(y, c.single(zero.node))
	} else {
		y = ops.Add(y, ops.Like(y, float64(zero.known)))
	}
	return saturated(y, c.Type(i).DType)
}
