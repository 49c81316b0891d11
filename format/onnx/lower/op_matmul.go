package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "MatMul", Since: []int64{1, 9, 13}, Rule: matMul})
	register(Operator{Name: "Gemm", Since: []int64{1, 6, 7, 9, 11, 13}, Rule: gemm})
}

func matMul(c *Call) {
	a, b := c.In(0), c.In(1)
	c.Return(inFloat32(a, func(a *graph.Node) *graph.Node { return ops.MatMul(a, ops.Convert(b, a.DType())) }))
}

// gemm is alpha·A·B + beta·C for matrices that are transposed if asked. Where C
// is one row it is the bias of a linear layer.
func gemm(c *Call) {
	if c.Rank(0) != 2 || c.Rank(1) != 2 {
		c.Fail("%v times %v, want matrices", c.Type(0), c.Type(1))
	}
	b, bias := c.In(1), c.InOr(2)
	alpha, beta := c.AttrFloat("alpha", 1), c.AttrFloat("beta", 1)
	if d := b.DType(); !d.Float() && (alpha != 1 || beta != 1) {
		c.Fail("%v is not floating-point and has alpha %v, beta %v", d, alpha, beta)
	}
	c.Return(inFloat32(c.In(0), func(a *graph.Node) *graph.Node {
		if c.AttrBool("transA", false) {
			a = ops.Transpose(a)
		}
		b := ops.Convert(b, a.DType())
		if c.AttrBool("transB", false) {
			b = ops.Transpose(b)
		}
		if bias == nil || beta == 0 {
			return ops.Linear(a, scaled(b, alpha), nil)
		}
		return c.productPlus(a, scaled(b, alpha), scaled(ops.Convert(bias, a.DType()), beta))
	}))
}

// productPlus is a·b + bias, which stretches to the product.
func (c *Call) productPlus(a, b, bias *graph.Node) *graph.Node {
	n := b.Shape().Dim(1)
	if s := bias.Shape(); s.Size() == 1 && s.Rank() <= 2 || s.Rank() > 0 && s.Size() == n && s.Dim(-1) == n {
		row := ops.Reshape(bias, tensor.Dims(s.Size()))
		return ops.Linear(a, b, stretched(row, tensor.Dims(n)))
	}
	y := ops.Linear(a, b, nil)
	if s := ops.Broadcast(y, bias); s[0].Shape() != y.Shape() || s[1].Shape() != y.Shape() {
		c.Fail("C is %v, which does not stretch to %v", bias.Type(), y.Shape())
	}
	return ops.Add(y, bias)
}

func scaled(x *graph.Node, factor float64) *graph.Node {
	if factor == 1 {
		return x
	}
	return ops.Scale(x, factor)
}
