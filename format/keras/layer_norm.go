package keras

import (
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// learned writes a variable that the layer has when its config says so, or else
// a constant of the same sizes. Index counts those that it has.
func (c *call) learned(has string, index *int, dims []int, name string, otherwise float32) string {
	if c.boolOr(has, true) {
		*index++
		return c.weight(*index-1, dims, name)
	}
	return c.param(name, func() tensor.Tensor {
		s, err := tensor.CheckedDims(dims...)
		if err != nil || !c.t.affords(s.Size()) {
			c.fail("%s of %v elements, which the file does not have", name, dims)
			return tensor.Tensor{}
		}
		x := tensor.New(tensor.Type{DType: tensor.Float32, Shape: s})
		for i := range x.Floats() {
			x.Floats()[i] = otherwise
		}
		return x
	})
}

// batchNormalization is γ·(x - μ)/√(σ² + ε) + β with the moving mean and
// variance.
func batchNormalization(c *call) value {
	x := c.asFloat(c.one())
	axis := c.axis(c.intOr("axis", -1), x)
	n := x.dims[axis]
	if axis == 0 || n < 1 {
		c.fail("axis %d of size %d", axis, n)
		return x
	}
	index := 0
	for _, has := range []string{"scale", "center"} {
		if c.boolOr(has, true) {
			index++
		}
	}
	mean, variance := c.weight(index, []int{n}, "moving_mean"), c.weight(index+1, []int{n}, "moving_variance")
	index = 0
	weights := []string{c.learned("scale", &index, []int{n}, "gamma", 1), c.learned("center", &index, []int{n}, "beta", 0), mean, variance}
	there, back := moved(axis, x.rank())
	y := c.permute(x, there...)
	y = c.with(y, "BatchNormalization", weights, onnx.Float("epsilon", float32(c.floatOr("epsilon", 1e-3))))
	return c.permute(y, back...)
}

// moved is the orders of axes that bring one behind the batch, and back.
func moved(axis, rank int) (there, back []int) {
	for i := range rank {
		if i != axis {
			there = append(there, i)
		}
	}
	there = slices.Insert(there, 1, axis)
	back = make([]int, rank)
	for i, k := range there {
		back[k] = i
	}
	return there, back
}

// layerNormalization is γ·(x - μ)/√(σ² + ε) + β with the mean and variance over
// the last axes (Ba, Kiros and Hinton, Layer Normalization, 2016).
func layerNormalization(c *call) value {
	x := c.asFloat(c.one())
	axes, ok := wholes(c.layer.config["axis"])
	if one, is := whole(c.layer.config["axis"]); is || !c.has("axis") {
		if !is {
			one = -1
		}
		axes, ok = []int{one}, true
	}
	for i := range axes {
		axes[i] = c.axis(axes[i], x)
	}
	slices.Sort(axes)
	for i, a := range axes {
		ok = ok && a == x.rank()-len(axes)+i && x.dims[a] > 0
	}
	if !ok || len(axes) == 0 || c.boolOr("rms_scaling", false) {
		c.fail("axes %v of %v, rms_scaling %v; the last axes without it are read", axes, x.dims, c.layer.config["rms_scaling"])
		return x
	}
	dims := x.dims[axes[0]:]
	index := 0
	weights := []string{c.learned("scale", &index, dims, "gamma", 1), c.learned("center", &index, dims, "beta", 0)}
	return c.with(x, "LayerNormalization", weights, onnx.Int("axis", int64(axes[0])), onnx.Float("epsilon", float32(c.floatOr("epsilon", 1e-3))))
}

func init() {
	register("BatchNormalization", batchNormalization)
	register("BatchNormalizationV1", batchNormalization)
	register("SyncBatchNormalization", batchNormalization)
	register("LayerNormalization", layerNormalization)
}
