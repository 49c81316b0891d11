package zoo

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/tensor"
)

// Count is how large a network is, in the terms of the literature.
type Count struct {
	Params  int   // trained numbers
	Buffers int   // numbers that training keeps otherwise, such as running means
	MACs    int64 // multiply-accumulates for one example: see [Measure]
}

// Measure counts what net has and what it does with a batch of type in, in
// inference. Multiply-accumulates are those of convolutions, with the products
// with padding, and of products with weights, as ptflops, fvcore and papers count
// them: not biases, normalisations, activations, nor the products of attention.
func Measure(net nn.Layer, in tensor.Type) (Count, error) {
	var n Count
	for _, p := range nn.Params(net) {
		if p.Buffer {
			n.Buffers += p.Value.Shape().Size()
		} else {
			n.Params += p.Value.Shape().Size()
		}
	}
	c := nn.NewCtx(net)
	net.Forward(c, c.Graph.Leaf("input", in))
	weights := map[*graph.Node]bool{}
	for _, p := range c.Used() {
		weights[c.Param(p.Param)] = true
	}
	if err := c.Graph.Err(); err != nil {
		return n, err
	}
	for _, i := range c.Graph.Insts() {
		n.MACs += macs(i, weights)
	}
	n.MACs /= int64(max(in.Shape.Dim(0), 1))
	return n, nil
}

// macs is the multiply-accumulates of one instruction: half of the operations
// that it says it takes, without those of a bias, one for each result.
func macs(i *graph.Inst, weights map[*graph.Node]bool) int64 {
	op, ok := i.Op().(graph.Costed)
	if !ok {
		return 0
	}
	all := op.FLOPs(i.InTypes(), i.OutTypes())
	switch op.Name() {
	case "conv", "linear":
		return (all - int64(len(i.In())-2)*int64(i.OutTypes()[0].Shape.Size())) / 2
	case "conv-grad-input": // a transposed convolution
		return all / 2
	case "dot-general":
		if weights[i.In()[0]] || weights[i.In()[1]] {
			return all / 2
		}
	}
	return 0
}
