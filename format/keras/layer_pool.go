package keras

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
)

// pool is a pooling over n axes of space; a mean is a floating-point number.
func pool(op string, n int) func(c *call) value {
	return func(c *call) value {
		x := c.channelsBehind(n)
		if op != "MaxPool" {
			x = c.asFloat(x)
		}
		w := window{size: c.sizes("pool_size", n, 2), dilation: slices.Repeat([]int{1}, n), padding: c.oneOf("padding", "valid", "same")}
		w.stride = w.size
		if c.has("strides") {
			w.stride = c.sizes("strides", n, 1)
		}
		return c.back(c.slide(op, x, w, x.dims[1], nil))
	}
}

// globalPool is a pooling over all places of n axes of space.
func globalPool(op string, n int) func(c *call) value {
	return func(c *call) value {
		x := c.ranked(n + 2)
		if op != "ReduceMax" {
			x = c.asFloat(x)
		}
		from := 1
		if c.channelsFirst() {
			from = 2
		}
		keep := c.boolOr("keepdims", false)
		axes := make([]int64, n)
		y := value{elem: x.elem}
		for i, d := range x.dims {
			switch {
			case i < from || i >= from+n:
				y.dims = append(y.dims, d)
			case keep:
				y.dims = append(y.dims, 1)
			}
		}
		for i := range axes {
			axes[i] = int64(from + i)
		}
		kept := int64(0)
		if keep {
			kept = 1
		}
		y.name = c.add(op, []string{x.name}, onnx.Ints("axes", axes...), onnx.Int("keepdims", kept))
		return y
	}
}

func init() {
	for n := 1; n <= 3; n++ {
		register(fmt.Sprintf("MaxPooling%dD", n), pool("MaxPool", n))
		register(fmt.Sprintf("AveragePooling%dD", n), pool("AveragePool", n))
		register(fmt.Sprintf("GlobalMaxPooling%dD", n), globalPool("ReduceMax", n))
		register(fmt.Sprintf("GlobalAveragePooling%dD", n), globalPool("ReduceMean", n))
	}
}
