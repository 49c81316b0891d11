package keras

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// cell is a kind of recurrent layer.
type cell struct {
	op     string
	states int
	gates  []int // where ONNX's gates are among those of Keras
	uses   []string
}

// Keras orders the gates of an LSTM input, forget, cell, output, and ONNX input,
// output, forget, cell; those of a GRU are update, reset, hidden in both.
var cells = map[string]cell{
	"SimpleRNN": {"RNN", 1, []int{0}, []string{"activation"}},
	"GRU":       {"GRU", 1, []int{0, 1, 2}, []string{"recurrent_activation", "activation"}},
	"LSTM":      {"LSTM", 2, []int{0, 3, 1, 2}, []string{"recurrent_activation", "activation", "activation"}},
}

// gateFunctions is the activations that ONNX's recurrent operators have, with
// their alpha and beta.
var gateFunctions = map[string]struct {
	name    string
	numbers []float32
}{
	"tanh": {"Tanh", nil}, "sigmoid": {"Sigmoid", nil}, "relu": {"Relu", nil}, "softsign": {"Softsign", nil}, "softplus": {"Softplus", nil},
	"linear": {"Affine", []float32{1, 0}}, "elu": {"Elu", []float32{1}}, "leaky_relu": {"LeakyRelu", []float32{0.2}},
	"hard_sigmoid": {"HardSigmoid", []float32{0.2, 0.5}},
}

// refuseRecurrent says what of a recurrent layer is not read.
func refuseRecurrent(l *layer) string {
	for _, key := range []string{"stateful", "time_major"} {
		if l.config[key] == true {
			return key
		}
	}
	for _, key := range cells[l.class].uses {
		if v, ok := l.config[key]; ok && gateFunctions[activationName(v)].name == "" {
			return fmt.Sprintf("activation %q inside a recurrent layer", activationName(v))
		}
	}
	return ""
}

// recurrent applies a recurrent layer to a sequence [N T D], from states if any
// are given, and gives its output and its last states. A sequence comes in the
// order in which it was computed or, turned, in the other one.
func (c *call) recurrent(x value, states []value, turned bool) []value {
	k := cells[c.layer.class]
	units := c.size("units")
	if x.rank() != 3 || x.last() < 1 || len(states) != 0 && len(states) != k.states {
		c.fail("an input of %v and %d states", x.dims, len(states))
		return []value{x}
	}
	backwards := c.boolOr("go_backwards", false)
	x = c.asFloat(x)
	in := []string{c.permute(x, 1, 0, 2).name}
	attrs := append(c.gateAttrs(k), onnx.Int("hidden_size", int64(units)))
	if backwards {
		attrs = append(attrs, onnx.String("direction", "reverse"))
	}
	if after := c.boolOr("reset_after", false); k.op == "GRU" && after {
		attrs = append(attrs, onnx.Int("linear_before_reset", 1))
	}
	in = append(in, c.gateWeights(k, x.last(), units)...)
	if len(states) > 0 {
		in = append(in, "") // lengths of sequences
	}
	for _, s := range states {
		in = append(in, c.add("Unsqueeze", []string{s.name, c.ints("axes", 0)}))
	}
	if c.err != nil {
		return []value{x}
	}
	out := c.t.b.AddNode(&onnx.Node{Op: k.op, In: in, Attrs: attrs}, 1+k.states)
	last := make([]value, k.states)
	for i := range last {
		last[i] = value{c.add("Squeeze", []string{out[1+i], c.ints("axes", 0)}), []int{x.dims[0], units}, x.elem}
	}
	if !c.boolOr("return_sequences", false) {
		return append([]value{last[0]}, last...)
	}
	y := value{c.add("Squeeze", []string{out[0], c.ints("axes", 1)}), []int{x.dims[1], x.dims[0], units}, x.elem}
	y = c.permute(y, 1, 0, 2)
	if backwards != turned { // the operator keeps the order of its input
		y = c.reversed(y)
	}
	return append([]value{y}, last...)
}

// reversed is a sequence [N T D] from its end.
func (c *call) reversed(x value) value {
	const lowest = -1 << 31
	return c.with(x, "Slice", []string{c.ints("from", -1), c.ints("to", lowest), c.ints("axis", 1), c.ints("step", -1)})
}

// gateAttrs is the attributes that name the activations.
func (c *call) gateAttrs(k cell) []onnx.Attr {
	var names []string
	var alpha, beta []float32
	for _, key := range k.uses {
		name := "tanh"
		if key == "recurrent_activation" {
			name = "hard_sigmoid" // what it was before it was written down
		}
		if v, ok := c.layer.config[key]; ok {
			name = activationName(v)
		}
		f := gateFunctions[name]
		numbers := slices.Clone(f.numbers)
		if name == "hard_sigmoid" {
			numbers[0] = c.hardSlope()
		}
		names = append(names, f.name)
		if len(numbers) > 0 {
			alpha = append(alpha, numbers[0])
		}
		if len(numbers) > 1 {
			beta = append(beta, numbers[1])
		}
	}
	attrs := []onnx.Attr{onnx.Strings("activations", names...)}
	if len(alpha) > 0 {
		attrs = append(attrs, onnx.Floats("activation_alpha", alpha...))
	}
	if len(beta) > 0 {
		attrs = append(attrs, onnx.Floats("activation_beta", beta...))
	}
	return attrs
}

// gateWeights writes the kernels [in gates·units] and [units gates·units] as
// [1 gates·units in] and [1 gates·units units], and the biases as one row: what
// is added to the input's part, then to the state's. Only a GRU that resets after
// the product has both: [2 gates·units].
func (c *call) gateWeights(k cell, in, units int) []string {
	n := len(k.gates) * units
	list := []string{
		c.param("kernel", func() tensor.Tensor { return c.byGate(k, c.variable(0, []int{in, n}, "kernel")) }),
		c.param("recurrent_kernel", func() tensor.Tensor {
			return c.byGate(k, c.variable(1, []int{units, n}, "recurrent_kernel"))
		}),
	}
	if !c.boolOr("use_bias", true) {
		return append(list, "")
	}
	return append(list, c.param("bias", func() tensor.Tensor {
		dims := []int{n}
		if k.op == "GRU" && c.boolOr("reset_after", false) {
			dims = []int{2, n}
		}
		b := c.variable(2, dims, "bias")
		if c.err != nil {
			return b
		}
		out := tensor.New(tensor.F32(1, 2*n))
		for i, v := range b.Floats() {
			gate := slices.Index(k.gates, i%n/units)
			out.Floats()[i/n*n+gate*units+i%units] = v
		}
		return out
	}))
}

// byGate turns a kernel [in gates·units] into [1 gates·units in], with the gates
// in ONNX's order.
func (c *call) byGate(k cell, x tensor.Tensor) tensor.Tensor {
	if c.err != nil {
		return x
	}
	in, n := x.Shape().Dim(0), x.Shape().Dim(1)
	units := n / len(k.gates)
	out := tensor.New(tensor.F32(1, n, in))
	for i := range in {
		for j := range n {
			gate := slices.Index(k.gates, j/units)
			out.Floats()[(gate*units+j%units)*in+i] = x.Floats()[i*n+j]
		}
	}
	return out
}

func init() {
	for class := range cells {
		registerRule(class, rule{refuse: refuseRecurrent, apply: func(c *call) []value {
			if len(c.in) == 0 {
				c.fail("it is given nothing")
				return nil
			}
			out := c.recurrent(c.in[0], c.in[1:], false)
			if !c.boolOr("return_state", false) {
				out = out[:1]
			}
			return out
		}})
	}
}
