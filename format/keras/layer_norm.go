package keras

import (
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// full is n times the same number.
func full(n int, v float32) tensor.Tensor {
	x := tensor.New(tensor.F32(n))
	for i := range x.Floats() {
		x.Floats()[i] = v
	}
	return x
}

// learned writes a variable of size n that the layer has when its config says so,
// or else a constant. Index counts those that it has.
func (c *call) learned(has string, index *int, n int, name string, otherwise float32) string {
	if c.boolOr(has, true) {
		*index++
		return c.weight(*index-1, []int{n}, name)
	}
	return c.param(name, func() tensor.Tensor { return full(n, otherwise) })
}

// batchNormalization is γ·(x - μ)/√(σ² + ε) + β with the moving mean and
// variance.
func batchNormalization(c *call) value {
	x := c.one()
	axis := c.axis(c.intOr("axis", -1), x)
	n := x.dims[axis]
	if axis == 0 || n < 1 {
		c.fail("axis %d of size %d", axis, n)
		return x
	}
	index := 0
	weights := []string{
		c.learned("scale", &index, n, "gamma", 1), c.learned("center", &index, n, "beta", 0),
		c.weight(index, []int{n}, "moving_mean"), c.weight(index+1, []int{n}, "moving_variance"),
	}
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
	x := c.one()
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
	var weights []string
	for _, w := range []struct {
		has, name string
		otherwise float32
	}{{"scale", "gamma", 1}, {"center", "beta", 0}} {
		if c.boolOr(w.has, true) {
			weights = append(weights, c.weight(index, dims, w.name))
			index++
			continue
		}
		weights = append(weights, c.param(w.name, func() tensor.Tensor {
			s, err := tensor.CheckedDims(dims...)
			if err != nil || s.Size() > 1<<24 {
				c.fail("normalization over %v", dims)
				return tensor.Tensor{}
			}
			t, err := full(s.Size(), w.otherwise).Reshape(s)
			if err != nil {
				c.fail("%v", err)
			}
			return t
		}))
	}
	return c.with(x, "LayerNormalization", weights, onnx.Int("axis", int64(axes[0])), onnx.Float("epsilon", float32(c.floatOr("epsilon", 1e-3))))
}

func init() {
	register("BatchNormalization", batchNormalization)
	register("BatchNormalizationV1", batchNormalization)
	register("SyncBatchNormalization", batchNormalization)
	register("LayerNormalization", layerNormalization)
}
