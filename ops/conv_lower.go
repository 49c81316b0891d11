package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// The kernels know inputs without holes. What follows brings dilated inputs to
// these: zeros are put between the elements.

// holed says whether the input is dilated.
func (d ConvDims) holed() bool {
	for _, v := range d.InputDilation.Slice() {
		if v > 1 {
			return true
		}
	}
	return false
}

// fillable says whether an input of shape x may have its holes filled: zeros
// between elements that are far apart would fill the memory.
func (d ConvDims) fillable(x tensor.Shape) bool {
	times := 1.0
	for _, v := range d.InputDilation.Slice() {
		times *= float64(v)
	}
	return times <= 64 || times*float64(x.Size()) <= mostPadded
}

// filled is x with its holes filled by zeros, and the dims that remain.
func (d ConvDims) filled(x *graph.Node) (*graph.Node, ConvDims) {
	zeros, interior := make([]int, x.Shape().Rank()), make([]int, x.Shape().Rank())
	for i, v := range d.InputDilation.Slice() {
		interior[1+i] = v - 1
	}
	y := Pad(x, 0, zeros, zeros, interior)
	d.InputDilation = Repeat(1, d.InputDilation.Len())
	return y, d
}

// Simplify implements graph.Simplifier.
func (op conv) Simplify(n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	if !op.holed() || x.DType() != tensor.Float32 || hasEmpty(x) || !op.fillable(x.Shape()) {
		return nil
	}
	in := append([]*graph.Node{}, n.In()...)
	in[0], op.ConvDims = op.filled(x)
	return graph.Apply(op, in...)
}

// Simplify implements graph.Simplifier.
func (op convGradInput) Simplify(n *graph.Inst) []*graph.Node {
	y, w := n.In()[0], n.In()[1]
	if x := n.Out()[0]; !op.holed() || y.DType() != tensor.Float32 || hasEmpty(x) || !op.fillable(x.Shape()) {
		return nil
	}
	full, d := op.In.Slice(), op.ConvDims
	rank := len(full) + 2
	start, limit, stride := make([]int, rank), n.Out()[0].Shape().Dims(), Repeat(1, rank).Slice()
	for i, v := range d.InputDilation.Slice() {
		full[i] = (full[i]-1)*v + 1
		limit[1+i], stride[1+i] = full[i], v
	}
	d.InputDilation = Repeat(1, d.InputDilation.Len())
	return []*graph.Node{Slice(ConvGradInput(y, w, List(full...), d), start, limit, stride)}
}

// Simplify implements graph.Simplifier.
func (op convGradFilter) Simplify(n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.In()[1]
	if !op.holed() || x.DType() != tensor.Float32 || hasEmpty(x) || !op.fillable(x.Shape()) {
		return nil
	}
	x, d := op.filled(x)
	return []*graph.Node{ConvGradFilter(x, y, op.Taps, d)}
}

// hasEmpty says whether x has no elements.
func hasEmpty(x *graph.Node) bool { return x.Shape().Size() == 0 }
