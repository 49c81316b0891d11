package keras

import (
	"math"
	"strings"

	"github.com/ihae/ihae/format/onnx"
)

// activations is what functions compute that layers name (the page Activations of
// the Keras documentation), with the defaults of their arguments.
var activations = map[string]func(c *call, x value) value{
	"linear":       func(_ *call, x value) value { return x },
	"relu":         node("Relu"),
	"relu6":        func(c *call, x value) value { return c.clip(x, 0, 6) },
	"leaky_relu":   node("LeakyRelu", onnx.Float("alpha", 0.2)),
	"elu":          node("Elu"),
	"celu":         node("Celu"),
	"selu":         node("Selu"),
	"sigmoid":      node("Sigmoid"),
	"tanh":         node("Tanh"),
	"exponential":  node("Exp"),
	"softplus":     node("Softplus"),
	"softsign":     node("Softsign"),
	"softmax":      node("Softmax", onnx.Int("axis", -1)),
	"log_softmax":  node("LogSoftmax", onnx.Int("axis", -1)),
	"hard_sigmoid": func(c *call, x value) value { return c.hardSigmoid(x) },
	"hard_tanh":    func(c *call, x value) value { return c.clip(x, -1, 1) },
	"swish":        swish,
	"silu":         swish,
	"hard_silu":    node("HardSwish"),
	"hard_swish":   node("HardSwish"),
	"gelu":         gelu,
	"mish":         func(c *call, x value) value { return c.times(x, c.with(c.with(x, "Softplus", nil), "Tanh", nil)) },
	"tanh_shrink":  func(c *call, x value) value { return c.with(x, "Sub", []string{c.with(x, "Tanh", nil).name}) },
	"soft_shrink":  node("Shrink", onnx.Float("lambd", 0.5), onnx.Float("bias", 0.5)),
	"hard_shrink":  node("Shrink", onnx.Float("lambd", 0.5), onnx.Float("bias", 0)),
	"log_sigmoid":  logSigmoid,
	"squareplus":   squareplus,
	"sparse_plus":  sparsePlus,
	"sparse_sigmoid": func(c *call, x value) value {
		return c.with(x, "HardSigmoid", nil, onnx.Float("alpha", 0.5), onnx.Float("beta", 0.5))
	},
	"glu":       glu,
	"sparsemax": sparsemax,
}

// node is an activation that is one operator.
func node(op string, attrs ...onnx.Attr) func(c *call, x value) value {
	return func(c *call, x value) value { return c.with(x, op, nil, attrs...) }
}

// activationName is the name under which a config holds an activation; that of a
// layer that serves as one, or of a user's function, begins with its class.
func activationName(v any) string {
	switch v := v.(type) {
	case nil:
		return "linear"
	case string:
		return v
	case map[string]any:
		class, _ := v["class_name"].(string)
		name, _ := v["config"].(string)
		if class == "function" && v["module"] == "keras.activations" {
			return name
		}
		return strings.Trim(class+" "+name, " ")
	}
	return "unknown"
}

// activate applies the activation that the config has under a key. All but none
// give floating-point numbers.
func (c *call) activate(x value, key string) value {
	name := activationName(c.layer.config[key])
	f := activations[name]
	if f == nil {
		c.fail("activation %q", name)
		return x
	}
	if name != "linear" {
		x = c.asFloat(x)
	}
	return f(c, x)
}

// clip is x between two bounds; an infinite one is none.
func (c *call) clip(x value, low, high float64) value {
	bounds := []string{"", ""}
	if !math.IsInf(low, -1) {
		bounds[0] = c.scalar("low", low)
	}
	if !math.IsInf(high, 1) {
		bounds[1] = c.scalar("high", high)
	}
	return c.with(x, "Clip", bounds)
}

// times is x ⊙ y.
func (c *call) times(x, y value) value { return c.with(x, "Mul", []string{y.name}) }

// hardSigmoid is x/5 + 1/2 between 0 and 1; since Keras 3 it is x/6 + 1/2.
func (c *call) hardSigmoid(x value) value {
	return c.with(x, "HardSigmoid", nil, onnx.Float("alpha", c.hardSlope()), onnx.Float("beta", 0.5))
}

func (c *call) hardSlope() float32 {
	if strings.HasPrefix(c.t.version, "3") {
		return 1.0 / 6
	}
	return 0.2
}

// swish is x·σ(x).
func swish(c *call, x value) value { return c.times(x, c.with(x, "Sigmoid", nil)) }

// gelu is x/2·(1 + erf(x/√2)).
func gelu(c *call, x value) value {
	e := c.with(c.with(x, "Div", []string{c.scalar("root2", math.Sqrt2)}), "Erf", nil)
	e = c.with(e, "Add", []string{c.scalar("one", 1)})
	return c.with(c.times(x, e), "Mul", []string{c.scalar("half", 0.5)})
}

// logSigmoid is -softplus(-x).
func logSigmoid(c *call, x value) value {
	return c.with(c.with(c.with(x, "Neg", nil), "Softplus", nil), "Neg", nil)
}

// squareplus is (x + √(x² + 4))/2.
func squareplus(c *call, x value) value {
	s := c.with(c.times(x, x), "Add", []string{c.scalar("four", 4)})
	s = c.with(x, "Add", []string{c.with(s, "Sqrt", nil).name})
	return c.with(s, "Mul", []string{c.scalar("half", 0.5)})
}

// sparsePlus is 0 up to -1, x from 1 on, and (x + 1)²/4 between them: the square
// of what lies between, and x above.
func sparsePlus(c *call, x value) value {
	one := c.scalar("one", 1)
	half := c.with(c.with(c.clip(x, -1, 1), "Add", []string{one}), "Mul", []string{c.scalar("half", 0.5)})
	above := c.with(c.with(x, "Sub", []string{one}), "Relu", nil)
	return c.with(c.times(half, half), "Add", []string{above.name})
}

// glu is a ⊙ σ(b) for the halves a and b of the last axis.
func glu(c *call, x value) value {
	if x.last() < 0 || x.last()%2 != 0 {
		c.fail("glu of an axis of size %d", x.last())
		return x
	}
	n := x.last() / 2
	a, b := c.slice(x, x.rank()-1, 0, n), c.slice(x, x.rank()-1, n, 2*n)
	return c.times(a, c.with(b, "Sigmoid", nil))
}

// sparsemax is max(x - τ, 0) along the last axis, as Keras computes it: the
// largest k elements z₁ ≥ z₂ ≥ … with z_k > (s_k - 1)/k, where s_k are their sums
// so far, give τ = (s₁ + … + s_k - 1)/k. Martins and Astudillo, From Softmax to
// Sparsemax, 2016, have s_k - 1 there, which is not what models were trained with.
func sparsemax(c *call, x value) value {
	n := x.last()
	if n < 1 || !c.t.affords(n) {
		c.fail("sparsemax of an axis of size %d", n)
		return x
	}
	sorted := x
	if c.err == nil {
		sorted.name = c.t.b.AddNode(&onnx.Node{Op: "TopK", In: []string{x.name, c.ints("k", n)}, Attrs: []onnx.Attr{onnx.Int("axis", -1)}}, 2)[0]
	}
	count := make([]float32, n)
	for i := range count {
		count[i] = float32(i + 1)
	}
	one, axes := c.scalar("one", 1), c.ints("axes", -1)
	sum := c.with(sorted, "CumSum", []string{c.ints("axis", -1)})
	bound := c.with(c.with(sum, "Sub", []string{one}), "Div", []string{c.constant("count", count)})
	in := c.with(c.with(sorted, "Greater", []string{bound.name}), "Cast", nil, onnx.Int("to", int64(elemFloat)))
	k := c.with(in, "ReduceSum", []string{axes})
	total := c.with(c.with(c.times(sum, in), "ReduceSum", []string{axes}), "Sub", []string{one})
	tau := c.with(total, "Div", []string{k.name})
	return c.with(c.with(x, "Sub", []string{tau.name}), "Relu", nil)
}
