package keras

import (
	"slices"

	"github.com/ihae/ihae/format/onnx"
)

// timeDistributed applies a layer to each step of a sequence: the steps of all
// examples become one batch, and are cut apart again behind the layer.
func timeDistributed(c *call) value {
	x := c.one()
	inner, err := c.layer.inner("layer")
	if err != nil || x.rank() < 3 {
		c.fail("an input of %v, %v", x.dims, err)
		return x
	}
	if inner.class == "Dense" { // works along the last axis anyway
		return c.apply(inner, x)
	}
	step := value{dims: append([]int{-1}, x.dims[2:]...), elem: x.elem}
	shape := ""
	if slices.Min(x.dims[2:]) >= 1 {
		shape = c.ints("shape", step.dims...)
	} else {
		shape = c.add("Concat", []string{c.ints("all", -1), c.shape(x, 2, x.rank())}, onnx.Int("axis", 0))
	}
	step.name = c.add("Reshape", []string{x.name, shape})
	y := c.apply(inner, step)
	if c.err != nil {
		return x
	}
	out := value{dims: append([]int{x.dims[0], x.dims[1]}, y.dims[1:]...), elem: y.elem}
	if x.dims[1] >= 1 && (y.rank() == 1 || slices.Min(y.dims[1:]) >= 1) {
		shape = c.ints("shape", append([]int{-1}, out.dims[1:]...)...)
	} else {
		parts := []string{c.shape(x, 0, 2)}
		if y.rank() > 1 {
			parts = append(parts, c.shape(y, 1, y.rank()))
		}
		shape = c.add("Concat", parts, onnx.Int("axis", 0))
	}
	out.name = c.add("Reshape", []string{y.name, shape})
	return out
}

// shape is the sizes of some axes of x.
func (c *call) shape(x value, from, to int) string {
	return c.add("Shape", []string{x.name}, onnx.Int("start", int64(from)), onnx.Int("end", int64(to)))
}

// apply applies another layer, which must have one result.
func (c *call) apply(l *layer, x value) value {
	if c.err != nil {
		return x
	}
	out, err := c.t.layer(l, c.path, []value{x}, nil)
	switch {
	case err != nil:
		c.err = err
	case len(out) != 1:
		c.fail("the layer inside gives %d results", len(out))
	default:
		return out[0]
	}
	return x
}

func init() { register("TimeDistributed", timeDistributed) }
