package keras

import (
	"fmt"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// window is what convolution and pooling move along the axes of space.
type window struct {
	size, stride, dilation []int
	padding                string // valid, same, causal
}

// reach is how many places the window covers along axis i.
func (w window) reach(i int) int { return (w.size[i]-1)*w.dilation[i] + 1 }

// out is the size of the result along axis i of an input of size n.
func (w window) out(c *call, i, n int) int {
	switch {
	case n < 0:
		return -1
	case w.padding == "valid":
		if n < w.reach(i) {
			c.fail("a window of %d over %d places", w.reach(i), n)
			return 1
		}
		return (n-w.reach(i))/w.stride[i] + 1
	default:
		return (n-1)/w.stride[i] + 1
	}
}

// pads is the attributes that pad as TensorFlow does: "same" gives ⌈n/stride⌉
// results, with the odd place of padding behind. Where a size is not known and
// matters, the operator must find out.
func (w window) pads(space []int) []onnx.Attr {
	if w.padding == "valid" {
		return nil
	}
	front, back := make([]int64, len(space)), make([]int64, len(space))
	for i, n := range space {
		total := 0
		switch {
		case w.padding == "causal":
			front[i] = int64(w.reach(i) - 1)
			continue
		case w.stride[i] == 1:
			total = w.reach(i) - 1
		case n < 0:
			return []onnx.Attr{onnx.String("auto_pad", "SAME_UPPER")}
		default:
			total = max(((n-1)/w.stride[i])*w.stride[i]+w.reach(i)-n, 0)
		}
		front[i], back[i] = int64(total/2), int64(total-total/2)
	}
	return []onnx.Attr{onnx.Ints("pads", append(front, back...)...)}
}

// attrs is the attributes of size, stride and dilation, and the padding.
func (w window) attrs(space []int) []onnx.Attr {
	list := []onnx.Attr{onnx.Ints("kernel_shape", long(w.size)...), onnx.Ints("strides", long(w.stride)...)}
	for _, d := range w.dilation {
		if d != 1 {
			list = append(list, onnx.Ints("dilations", long(w.dilation)...))
			break
		}
	}
	return append(list, w.pads(space)...)
}

func long(v []int) []int64 {
	list := make([]int64, len(v))
	for i := range v {
		list[i] = int64(v[i])
	}
	return list
}

// convWindow reads the window of a convolution over n axes.
func (c *call) convWindow(n int) window {
	words := []string{"valid", "same"}
	if n == 1 {
		words = append(words, "causal")
	}
	return window{c.sizes("kernel_size", n, 1), c.sizes("strides", n, 1), c.sizes("dilation_rate", n, 1), c.oneOf("padding", words...)}
}

// channelsBehind is the only input, over n axes of space, with its channels
// behind the batch, as the operators of ONNX want them.
func (c *call) channelsBehind(n int) value {
	x := c.ranked(n + 2)
	if c.channelsFirst() {
		return x
	}
	return c.first(x)
}

// back gives the axes of a result the order of the layer's inputs.
func (c *call) back(x value) value {
	if c.channelsFirst() {
		return x
	}
	return c.lastly(x)
}

// slide is a node that moves w over x and gives channels.
func (c *call) slide(op string, x value, w window, channels int, more []string, attrs ...onnx.Attr) value {
	y := value{dims: []int{x.dims[0], channels}, elem: x.elem}
	for i, n := range x.dims[2:] {
		y.dims = append(y.dims, w.out(c, i, n))
	}
	y.name = c.add(op, append([]string{x.name}, more...), append(w.attrs(x.dims[2:]), attrs...)...)
	return y
}

// conv is a convolution over n axes of space: kernel [space… in/groups out].
func conv(n int) func(c *call) value {
	return func(c *call) value {
		x, w := c.channelsBehind(n), c.convWindow(n)
		in, out, groups := x.dims[1], c.size("filters"), c.intOr("groups", 1)
		if in < 0 || groups < 1 || in%groups != 0 || out%groups != 0 {
			c.fail("%d channels to %d in %d groups", in, out, groups)
			return x
		}
		kernel := c.param("kernel", func() tensor.Tensor {
			return c.outermost(c.variable(0, append(w.size[:n:n], in/groups, out), "kernel"))
		})
		weights := []string{kernel}
		if c.boolOr("use_bias", true) {
			weights = append(weights, c.weight(1, []int{out}, "bias"))
		}
		var attrs []onnx.Attr
		if groups > 1 {
			attrs = []onnx.Attr{onnx.Int("group", int64(groups))}
		}
		return c.activate(c.back(c.slide("Conv", x, w, out, weights, attrs...)), "activation")
	}
}

// outermost brings a kernel [space… in out] into the order [out in space…].
func (c *call) outermost(k tensor.Tensor) tensor.Tensor {
	if c.err != nil {
		return k
	}
	n := k.Shape().Rank()
	order := []int{n - 1, n - 2}
	for i := range n - 2 {
		order = append(order, i)
	}
	return transposed(k, order...)
}

func init() {
	for n := 1; n <= 3; n++ {
		register(fmt.Sprintf("Conv%dD", n), conv(n))
	}
	register("Convolution2D", conv(2))
}
