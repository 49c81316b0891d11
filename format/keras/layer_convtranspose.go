package keras

import (
	"fmt"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// convTranspose is the gradient of a convolution over n axes of space: kernel
// [space… out in].
func convTranspose(n int) func(c *call) value {
	return func(c *call) value {
		x, w := c.channelsBehind(n), c.convWindow(n)
		in, out := x.dims[1], c.size("filters")
		kernel := c.param("kernel", func() tensor.Tensor {
			return c.outermost(c.variable(0, append(w.size[:n:n], out, in), "kernel"))
		})
		weights := []string{x.name, kernel}
		if c.boolOr("use_bias", true) {
			weights = append(weights, c.weight(1, []int{out}, "bias"))
		}
		y := value{dims: []int{x.dims[0], out}, elem: x.elem}
		front, back, extra := make([]int64, n), make([]int64, n), make([]int64, n)
		for i, size := range x.dims[2:] {
			// The result has (size-1)·stride + more places; what the window
			// reaches beyond is cut off, the odd place behind.
			more := c.beyond(w, i)
			cut := w.reach(i) - more
			front[i], back[i] = int64(max(cut, 0)/2), int64(max(cut, 0)-max(cut, 0)/2)
			extra[i] = int64(max(-cut, 0))
			y.dims = append(y.dims, plus(c.product(size-1, w.stride[i]), more))
		}
		attrs := []onnx.Attr{onnx.Ints("kernel_shape", long(w.size)...), onnx.Ints("strides", long(w.stride)...),
			onnx.Ints("dilations", long(w.dilation)...), onnx.Ints("pads", append(front, back...)...), onnx.Ints("output_padding", extra...)}
		y.name = c.add("ConvTranspose", weights, attrs...)
		return c.activate(c.back(y), "activation")
	}
}

// beyond is the size of the result along axis i less (size-1)·stride, as Keras
// chooses it.
func (c *call) beyond(w window, i int) int {
	reach, stride := w.reach(i), w.stride[i]
	if c.has("output_padding") {
		pad := 0
		if w.padding == "same" {
			pad = reach / 2
		}
		list, ok := wholes(c.layer.config["output_padding"])
		one, is := whole(c.layer.config["output_padding"])
		switch {
		case is && one >= 0 && one < stride:
			return reach - 2*pad + one
		case ok && len(list) == len(w.size) && list[i] >= 0 && list[i] < stride:
			return reach - 2*pad + list[i]
		}
		c.fail("output_padding is %.40v", c.layer.config["output_padding"])
		return reach
	}
	if w.padding == "same" {
		return stride
	}
	return max(reach, stride)
}

func init() {
	for n := 1; n <= 3; n++ {
		register(fmt.Sprintf("Conv%dDTranspose", n), convTranspose(n))
	}
}
