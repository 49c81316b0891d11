package keras

import (
	"math"
	"slices"

	"github.com/ihae/ihae/format/onnx"
)

// reluLayer is x above the threshold, up to max_value, and
// negative_slope·(x - threshold) from there down.
func reluLayer(c *call) value {
	x := c.asFloat(c.one())
	slope, threshold, most := c.floatOr("negative_slope", 0), c.floatOr("threshold", 0), c.floatOr("max_value", math.Inf(1))
	switch {
	case threshold == 0 && slope == 0 && math.IsInf(most, 1):
		return c.with(x, "Relu", nil)
	case threshold == 0 && slope == 0:
		return c.clip(x, 0, most)
	case threshold == 0:
		return c.clip(c.with(x, "LeakyRelu", nil, onnx.Float("alpha", float32(slope))), math.Inf(-1), most)
	}
	t := c.scalar("threshold", threshold)
	below := c.with(c.with(x, "Sub", []string{t}), "Mul", []string{c.scalar("slope", slope)})
	at := c.with(x, "Greater", []string{t})
	y := x
	y.name = c.add("Where", []string{at.name, x.name, below.name})
	return c.clip(y, math.Inf(-1), most)
}

// prelu is x where it is positive, and α·x where not, with an α for each place
// that is not shared.
func prelu(c *call) value {
	x := c.one()
	dims := slices.Clone(x.dims[1:])
	if c.has("shared_axes") {
		shared, ok := wholes(c.layer.config["shared_axes"])
		for _, a := range shared {
			if ok = ok && a >= 1 && a < x.rank(); ok {
				dims[a-1] = 1
			}
		}
		if !ok {
			c.fail("shared_axes is %.40v", c.layer.config["shared_axes"])
		}
	}
	return c.with(x, "PRelu", []string{c.weight(0, dims, "alpha")})
}

func init() {
	register("Activation", func(c *call) value { return c.activate(c.one(), "activation") })
	register("ReLU", reluLayer)
	register("LeakyReLU", func(c *call) value {
		alpha := c.floatOr("negative_slope", c.floatOr("alpha", 0.3))
		return c.with(c.one(), "LeakyRelu", nil, onnx.Float("alpha", float32(alpha)))
	})
	register("PReLU", prelu)
	register("ELU", func(c *call) value {
		return c.with(c.one(), "Elu", nil, onnx.Float("alpha", float32(c.floatOr("alpha", 1))))
	})
	register("ThresholdedReLU", func(c *call) value {
		return c.with(c.asFloat(c.one()), "ThresholdedRelu", nil, onnx.Float("alpha", float32(c.floatOr("theta", 1))))
	})
	register("Softmax", func(c *call) value {
		x := c.one()
		return c.with(x, "Softmax", nil, onnx.Int("axis", int64(c.axis(c.intOr("axis", -1), x))))
	})
}
