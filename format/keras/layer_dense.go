package keras

// dense is x·W + b along the last axis, then an activation. Whole numbers become
// floating-point ones.
func dense(c *call) value {
	x := c.asFloat(c.one())
	units, in := c.size("units"), x.last()
	if x.rank() < 2 {
		c.fail("the input has %d axes", x.rank())
		return x
	}
	names := []string{x.name, c.weight(0, []int{in, units}, "kernel")}
	y := value{dims: append(x.dims[:x.rank()-1:x.rank()-1], units), elem: x.elem}
	bias := ""
	if c.boolOr("use_bias", true) {
		bias = c.weight(1, []int{units}, "bias")
	}
	switch {
	case bias != "" && x.rank() == 2:
		y.name = c.add("Gemm", append(names, bias))
	default:
		if y.name = c.add("MatMul", names); bias != "" {
			y = c.with(y, "Add", []string{bias})
		}
	}
	return c.activate(y, "activation")
}

func init() { register("Dense", dense) }
