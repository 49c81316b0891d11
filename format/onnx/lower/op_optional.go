package lower

func init() {
	register(Operator{Name: "Optional", Since: []int64{15, 28}, Rule: optional})
	register(Operator{Name: "OptionalHasElement", Since: []int64{15, 18, 28}, Rule: optionalHasElement})
	register(Operator{Name: "OptionalGetElement", Since: []int64{15, 18, 28}, Rule: optionalGetElement})
}

// optional holds its operand, or nothing.
func optional(c *Call) {
	v := &value{kind: KindOptional}
	if c.Has(0) {
		v.items = []*value{c.value(0)}
	}
	c.set(0, v)
}

// optionalHasElement is true unless there is no operand or an empty optional.
func optionalHasElement(c *Call) {
	has := c.Has(0)
	if has && c.Kind(0) == KindOptional {
		has = len(c.value(0).items) > 0
	}
	c.ReturnTensor(0, boolTensor(has))
}

// optionalGetElement is what an optional holds, or an operand of another kind.
func optionalGetElement(c *Call) {
	v := c.value(0)
	if v.kind == KindOptional {
		if len(v.items) == 0 {
			c.Fail("the optional is empty")
		}
		v = v.items[0]
	}
	c.set(0, v)
}
