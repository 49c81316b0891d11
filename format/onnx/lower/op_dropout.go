package lower

import (
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Dropout", Since: []int64{1, 6, 7, 10, 12, 13, 22}, Rule: dropout})
}

// dropout is the identity; in training each element becomes 0 with probability
// ratio and the others are divided by 1 - ratio. Its second result says which
// were kept. Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks
// from Overfitting", 2014.
func dropout(c *Call) {
	training := c.Train()
	if !training && c.Opset() >= 12 && c.Has(2) {
		training = c.truth(c.value(2))
	}
	ratio := c.AttrFloat("ratio", 0.5)
	if c.Opset() >= 12 && c.Has(1) && training {
		ratio = c.Float(1)
	}
	mask := tensor.Bool
	if c.Opset() < 10 {
		mask = c.Type(0).DType
	}
	if !training || ratio == 0 {
		c.ReturnIn(0, 0)
		if c.Wants(1) {
			c.set(1, c.l.nodeValue(c.Graph().Fill(1, tensor.Type{DType: mask, Shape: c.Shape(0)})))
		}
		return
	}
	if !(ratio > 0 && ratio < 1) {
		c.Fail("the ratio is %v, want one of [0, 1)", ratio)
	}
	x := c.In(0)
	u := c.unit(tensor.Type{DType: tensor.Float32, Shape: x.Shape()})
	keep := ops.Ge(u, ops.Like(u, ratio))
	c.Return(ops.Select(keep, ops.Scale(x, 1/(1-ratio)), ops.Like(x, 0)), ops.Convert(keep, mask))
}
