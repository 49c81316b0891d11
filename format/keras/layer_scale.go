package keras

import (
	"math"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// asFloat is x as float32.
func (c *call) asFloat(x value) value {
	if x.elem == elemFloat {
		return x
	}
	x.elem = elemFloat
	return c.with(x, "Cast", nil, onnx.Int("to", int64(elemFloat)))
}

// rescaling is scale·x + offset; both may be lists along the last axis.
func rescaling(c *call) value {
	x := c.asFloat(c.one())
	for _, part := range []struct{ key, op string }{{"scale", "Mul"}, {"offset", "Add"}} {
		if !c.has(part.key) {
			continue
		}
		v := c.floats(part.key)
		if len(v) == 1 {
			x = c.with(x, part.op, []string{c.scalar(part.key, float64(v[0]))})
			continue
		}
		if x.last() >= 0 && x.last() != len(v) {
			c.fail("%s has %d numbers for %d channels", part.key, len(v), x.last())
		}
		x = c.with(x, part.op, []string{c.constant(part.key, v)})
	}
	return x
}

// normalization is (x - μ)/max(σ, 10⁻⁷), or back with invert: the mean and
// variance of the training data along the axes that are kept.
func normalization(c *call) value {
	x := c.asFloat(c.one())
	axes, ok := wholes(c.layer.config["axis"])
	if one, is := whole(c.layer.config["axis"]); is {
		axes, ok = []int{one}, true
	}
	if !ok {
		if v, there := c.layer.config["axis"]; there && v != nil {
			c.fail("axis is %.40v", v)
		} else if !there {
			axes = []int{-1}
		}
	}
	var kept []int
	shape := slices.Repeat([]int{1}, x.rank())
	for i := range axes {
		axes[i] = c.axis(axes[i], x)
	}
	slices.Sort(axes)
	for _, a := range axes {
		kept = append(kept, x.dims[a])
		shape[a] = x.dims[a]
	}
	mean := c.statistic(0, "mean", kept, shape)
	variance := c.statistic(1, "variance", kept, shape)
	if c.err != nil {
		return x
	}
	if !c.has("mean") {
		// Of how many examples: plays no part, and not every file has it.
		_, _ = c.t.weights.variable(c.path, "count", 2)
	}
	for i, v := range variance.Floats() {
		variance.Floats()[i] = float32(max(math.Sqrt(float64(v)), 1e-7))
	}
	m, d := c.param("mean", func() tensor.Tensor { return mean }), c.param("deviation", func() tensor.Tensor { return variance })
	if c.boolOr("invert", false) {
		return c.with(c.with(x, "Mul", []string{d}), "Add", []string{m})
	}
	return c.with(c.with(x, "Sub", []string{m}), "Div", []string{d})
}

// statistic is a variable of sizes kept, or what the config has in its place, in
// a shape that stretches over the input; a copy.
func (c *call) statistic(index int, name string, kept, shape []int) tensor.Tensor {
	s, err := tensor.CheckedDims(shape...)
	if err != nil {
		c.fail("%s along %v: %v", name, shape, err)
	}
	var x tensor.Tensor
	if c.has(name) {
		v := c.floats(name)
		if len(v) == 1 && s.Size() > 1 && c.err == nil && c.t.affords(s.Size()) {
			v = slices.Repeat(v, s.Size())
		}
		x = tensor.From(tensor.Dims(len(v)), v)
	} else {
		x = c.variable(index, kept, name)
	}
	if c.err != nil {
		return x
	}
	x, err = x.Clone().Reshape(s)
	if err != nil {
		c.fail("%s: %v", name, err)
	}
	return x
}

func init() {
	register("Rescaling", rescaling)
	register("Normalization", normalization)
}
