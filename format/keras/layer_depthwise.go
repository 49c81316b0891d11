package keras

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// channelwise convolves every channel of x with filters of its own: kernel
// [space… channels multiplier].
func (c *call) channelwise(x value, w window, bias []string, names ...string) value {
	n, in, multiplier := len(w.size), x.dims[1], c.intOr("depth_multiplier", 1)
	if in < 1 || multiplier < 1 {
		c.fail("%d channels times %d", in, multiplier)
		return x
	}
	kernel := c.param(names[0], func() tensor.Tensor {
		k := c.variable(0, append(w.size[:n:n], in, multiplier), names...)
		if c.err != nil {
			return k
		}
		order := []int{n, n + 1}
		for i := range n {
			order = append(order, i)
		}
		k = transposed(k, order...) // [channels multiplier space…]
		k, err := k.Reshape(tensor.Dims(append([]int{in * multiplier, 1}, w.size...)...))
		if err != nil {
			c.fail("%v", err)
		}
		return k
	})
	return c.slide("Conv", x, w, in*multiplier, append([]string{kernel}, bias...), onnx.Int("group", int64(in)))
}

// depthwise is a convolution of each channel for itself.
func depthwise(n int) func(c *call) value {
	return func(c *call) value {
		x, w := c.channelsBehind(n), c.convWindow(n)
		var bias []string
		if c.boolOr("use_bias", true) {
			bias = []string{c.weight(1, []int{x.dims[1] * c.intOr("depth_multiplier", 1)}, "bias")}
		}
		return c.activate(c.back(c.channelwise(x, w, bias, "depthwise_kernel", "kernel")), "activation")
	}
}

// separable is a convolution of each channel for itself, then one over all
// channels of each place.
func separable(n int) func(c *call) value {
	return func(c *call) value {
		x, w := c.channelsBehind(n), c.convWindow(n)
		out := c.size("filters")
		y := c.channelwise(x, w, nil, "depthwise_kernel")
		one := slices.Repeat([]int{1}, n)
		point := window{one, one, one, "valid"}
		weights := []string{c.param("pointwise_kernel", func() tensor.Tensor {
			return c.outermost(c.variable(1, append(one[:n:n], y.dims[1], out), "pointwise_kernel"))
		})}
		if c.boolOr("use_bias", true) {
			weights = append(weights, c.weight(2, []int{out}, "bias"))
		}
		return c.activate(c.back(c.slide("Conv", y, point, out, weights)), "activation")
	}
}

func init() {
	for n := 1; n <= 2; n++ {
		register(fmt.Sprintf("DepthwiseConv%dD", n), depthwise(n))
		register(fmt.Sprintf("SeparableConv%dD", n), separable(n))
	}
}
