package lower

import "github.com/ihae/ihae/ops"

func init() {
	register(Operator{Name: "Concat", Since: []int64{1, 4, 11, 13}, Rule: moves(concat)})
}

func concat(c *Call) {
	if c.NumIn() == 0 {
		c.Fail("has no operands")
	}
	axis := 1
	if c.Opset() >= 4 && !c.HasAttr("axis") {
		c.Fail("names no axis")
	}
	axis = c.Axis(c.AttrInt("axis", axis), c.Rank(0))
	c.Return(ops.Concatenate(axis, c.Ins(0)...))
}
