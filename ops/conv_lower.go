package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// The kernels know inputs without holes. What follows brings dilated inputs to
// these. Without a stride, sliding over an input with holes is the transpose of
// sliding with a stride, with the filter turned round; else zeros are put between
// the elements.

// holed says whether the input is dilated.
func (d ConvDims) holed() bool { return moreThan1(d.InputDilation) }

func moreThan1(list Ints) bool {
	for _, v := range list.Slice() {
		if v > 1 {
			return true
		}
	}
	return false
}

// turned is the convolution whose transpose d is, for filters of some sizes: the
// holes become a stride. ok is false if there is none.
func (d ConvDims) turned(taps Ints) (t ConvDims, ok bool) {
	if moreThan1(d.Stride) {
		return d, false
	}
	low, high := make([]int, taps.Len()), make([]int, taps.Len())
	for i, n := range taps.Slice() {
		reach := (n - 1) * d.Dilation.At(i)
		low[i], high[i] = reach-d.PadLow.At(i), reach-d.PadHigh.At(i)
		if low[i] < 0 || high[i] < 0 {
			return d, false
		}
	}
	t = ConvDims{Stride: d.InputDilation, PadLow: List(low...), PadHigh: List(high...), Dilation: d.Dilation, Groups: d.Groups}
	return t.full(taps.Len() + 2), true
}

// turn takes filters [taps… C/groups K] to those of the transpose, [taps… K/groups
// C], in the opposite order along each spatial axis.
func turn(w *graph.Node, groups int) *graph.Node {
	spatial := w.Shape().Rank() - 2
	dims := w.Shape().Dims()
	in, out := dims[spatial], dims[spatial+1]/groups
	w = Reshape(Reverse(w, numbered(0, spatial)...), tensor.Dims(append(dims[:spatial:spatial], in, groups, out)...))
	w = Transpose(w, append(numbered(0, spatial), spatial+2, spatial+1, spatial)...)
	return Reshape(w, tensor.Dims(append(dims[:spatial:spatial], out, groups*in)...))
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

// lowers says whether a convolution over x may be lowered at all.
func (d ConvDims) lowers(x *graph.Node) bool {
	return x.DType() == tensor.Float32 && x.Shape().Size() > 0
}

// Simplify implements graph.Simplifier.
func (op conv) Simplify(n *graph.Inst) []*graph.Node {
	x, w := n.In()[0], n.In()[1]
	if !op.lowers(x) || n.Out()[0].Shape().Size() == 0 {
		return nil
	}
	in := append([]*graph.Node{}, n.In()...)
	switch t, ok := op.turned(taps(w.Shape())); {
	case op.multiplies(x, w):
		in[0], op.Groups = repeated(x, w.Shape().Dim(-1)), w.Shape().Dim(-1)
		return graph.Apply(op, in...)
	case !op.holed() && !op.narrows(w):
		return nil
	case ok && !op.Residual && !op.ReLU && !op.Clamp:
		y := ConvGradInput(x, turn(w, op.Groups), middle(n.Out()[0].Shape()), t)
		if len(in) == 3 {
			y = Add(y, in[2])
		}
		return []*graph.Node{y}
	case !op.holed() || !op.fillable(x.Shape()):
		return nil
	}
	in[0], op.ConvDims = op.filled(x)
	return graph.Apply(op, in...)
}

// narrows says whether filters have so few results that their transpose, whose
// kernel treats neighbouring pixels as one, is faster.
func (d ConvDims) narrows(w *graph.Node) bool {
	rank := w.Shape().Rank()
	k, along := w.Shape().Dim(-1), w.Shape().Dim(rank-3)
	return d.Groups == 1 && k <= 4 && w.Shape().Dim(-2) >= 2*k && along >= 3 && d.Dilation.At(rank-3) == 1
}

// Simplify implements graph.Simplifier.
func (op convGradInput) Simplify(n *graph.Inst) []*graph.Node {
	y, w, x := n.In()[0], n.In()[1], n.Out()[0]
	if !op.lowers(y) || x.Shape().Size() == 0 {
		return nil
	}
	switch t, ok := op.turned(taps(w.Shape())); {
	case op.multiplies(x, w):
		k := w.Shape().Dim(-1)
		op.Groups = k
		return []*graph.Node{gathered(graph.Apply1(op, y, w), x.Shape())}
	case !op.holed():
		return nil
	case ok:
		return []*graph.Node{Conv(y, turn(w, op.Groups), nil, t)}
	case !op.fillable(x.Shape()):
		return nil
	}
	return op.compose(n.In(), x.Type())
}

// Simplify implements graph.Simplifier.
func (op convGradFilter) Simplify(n *graph.Inst) []*graph.Node {
	x, y, w := n.In()[0], n.In()[1], n.Out()[0]
	if !op.lowers(x) || y.Shape().Size() == 0 || w.Shape().Size() == 0 {
		return nil
	}
	switch t, ok := op.turned(op.Taps); {
	case op.multiplies(x, w):
		op.Groups = w.Shape().Dim(-1)
		return graph.Apply(op, repeated(x, op.Groups), y)
	case !op.holed():
		return nil
	case ok:
		return []*graph.Node{turn(ConvGradFilter(y, x, op.Taps, t), op.Groups)}
	case !op.fillable(x.Shape()):
		return nil
	}
	x, d := op.filled(x)
	return []*graph.Node{ConvGradFilter(x, y, op.Taps, d)}
}
