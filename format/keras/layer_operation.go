package keras

import "slices"

// operations is arithmetic that a model was built with besides layers, such as
// x + y: TFOpLambda of tf.keras by its function, and the operations of Keras 3 by
// their class.
var operations = map[string]string{
	"__operators__.add": "Add", "math.add": "Add", "math.multiply": "Mul", "math.subtract": "Sub", "math.truediv": "Div",
	"math.divide": "Div", "math.maximum": "Max", "math.minimum": "Min",
}

var newOperations = map[string]string{
	"Add": "Add", "Multiply": "Mul", "Subtract": "Sub", "TrueDivide": "Div", "Divide": "Div", "Maximum": "Max", "Minimum": "Min",
}

// arithmetic applies an operator of two operands, of which one may be a number
// under one of two names.
func (c *call) arithmetic(op string, names [2]string) value {
	var numbers [2]string
	for i, name := range names {
		if v, ok := c.args[name].(float64); ok {
			numbers[i] = c.scalar("number", v)
		}
	}
	switch {
	case len(c.in) == 2:
		return c.elementwise(op, c.in[0], c.in[1])
	case len(c.in) == 1 && numbers[1] != "" && numbers[0] == "":
		return c.with(c.in[0], op, []string{numbers[1]})
	case len(c.in) == 1 && numbers[0] != "" && numbers[1] == "":
		y := c.in[0]
		y.name = c.add(op, []string{numbers[0], y.name})
		return y
	}
	c.fail("%d tensors and the arguments %v", len(c.in), c.args)
	return value{}
}

// elementwise applies an operator to two tensors, of which the one with fewer
// axes stretches over the first ones of the other.
func (c *call) elementwise(op string, a, b value) value {
	rank := max(a.rank(), b.rank())
	wide := func(dims []int) []int { return append(slices.Repeat([]int{1}, rank-len(dims)), dims...) }
	y := value{dims: c.broadcast(wide(a.dims), wide(b.dims)), elem: a.elem}
	y.name = c.add(op, []string{a.name, b.name})
	return y
}

func init() {
	registerRule("TFOpLambda", rule{
		apply: func(c *call) []value {
			f, _ := c.layer.config["function"].(string)
			return []value{c.arithmetic(operations[f], [2]string{"x", "y"})}
		},
		refuse: func(l *layer) string {
			if f, _ := l.config["function"].(string); operations[f] == "" {
				return "function " + f
			}
			return ""
		},
	})
	for class, op := range newOperations {
		register("ops.numpy."+class, func(c *call) value { return c.arithmetic(op, [2]string{"args0", "args1"}) })
	}
}
