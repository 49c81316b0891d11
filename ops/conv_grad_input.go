package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// ConvGradInput is the transpose of [Conv] with respect to its input: it takes
// a cotangent y [N spatial… K] and the filters w [spatial… C/groups K] to
// [N in… C], in being the spatial sizes of the convolution's input. It is also
// known as transposed convolution or deconvolution.
func ConvGradInput(y, w *graph.Node, in Ints, d ConvDims) *graph.Node {
	return graph.Apply1(convGradInput{d.full(y.Shape().Rank()), in}, y, w)
}

type convGradInput struct {
	ConvDims
	In Ints // spatial sizes of the result
}

func (convGradInput) Name() string { return "conv-grad-input" }

// Export implements graph.Exporter: a ConvTranspose.
func (op convGradInput) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	types, rank := n.InTypes(), n.InTypes()[0].Shape.Rank()
	_, s, err := op.sizes(types[0].Shape, types[1].Shape)
	if err != nil || op.holed() || types[0].Shape.Size() == 0 {
		return inlined(x, in, n, func(v []*graph.Node) []*graph.Node { return op.compose(v, n.OutTypes()[0]) })
	}
	attrs := op.attributes(types[1].Shape)
	more, direct := make([]int, rank-2), true // behind what the operator gives
	for i, a := range s.axes {
		more[i] = a.in - a.covered() + a.low + a.high
		direct = direct && more[i] >= 0 && more[i] < max(a.stride, a.dilation)
	}
	y := []string{channelsSecond(x, in[0], rank), outputsFirst(x, in[1], rank)}
	if direct {
		attrs = append(attrs, graph.Attribute{Name: "output_padding", Value: more})
		return []string{channelsLast(x, x.Add("ConvTranspose", y, attrs...), rank)}
	}
	low, high := make([]int, rank), make([]int, rank) // of all that is covered
	for i, a := range s.axes {
		low[2+i], high[2+i] = -a.low, a.in+a.low-a.covered()
	}
	all := op.ConvDims
	all.PadLow, all.PadHigh = Repeat(0, rank-2), Repeat(0, rank-2)
	whole := whole(join(low, high))
	cut := x.Add("Pad", []string{x.Add("ConvTranspose", y, all.attributes(types[1].Shape)...), x.Constant(whole)})
	return []string{channelsLast(x, cut, rank)}
}

// covered is how long the input is that all windows together lie on, with padding.
func (s sliding) covered() int { return (s.out-1)*s.stride + (s.size-1)*s.dilation + 1 }

// compose is the same for inputs with holes and for nothing, of type x.
func (op convGradInput) compose(v []*graph.Node, x tensor.Type) []*graph.Node {
	if v[0].Shape().Size() == 0 || !op.holed() {
		return []*graph.Node{v[0].Graph().Fill(0, x)}
	}
	d, full := op.ConvDims, op.In.Slice()
	rank := len(full) + 2
	start, limit, stride := make([]int, rank), x.Shape.Dims(), Repeat(1, rank).Slice()
	for i, v := range d.InputDilation.Slice() {
		full[i] = (full[i]-1)*v + 1
		limit[1+i], stride[1+i] = full[i], v
	}
	d.InputDilation = Repeat(1, rank-2)
	return []*graph.Node{Slice(ConvGradInput(v[0], v[1], List(full...), d), start, limit, stride)}
}

// sizes is the result's shape and the convolution's sizes.
func (op convGradInput) sizes(y, w tensor.Shape) (x tensor.Shape, s convShape, err error) {
	if y.Rank() < 3 || w.Rank() != y.Rank() || op.In.Len() != y.Rank()-2 {
		return x, s, fmt.Errorf("want [N spatial… K] and a filter [spatial… C/groups K], got %v, %v and sizes %v", y, w, op.In)
	}
	x, err = tensor.CheckedDims(append(append([]int{y.Dim(0)}, op.In.Slice()...), w.Dim(-2)*op.Groups)...)
	if err != nil {
		return x, s, err
	}
	if s, err = op.shape(x, w); err == nil && s.y != y {
		err = fmt.Errorf("a convolution of %v with %v gives %v, not %v", x, w, s.y, y)
	}
	return x, s, err
}

func (op convGradInput) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if _, err := tailed(in, false); err != nil {
		return nil, err
	}
	if err := count(in, 2); err != nil {
		return nil, err
	}
	x, _, err := op.sizes(in[0].Shape, in[1].Shape)
	return []tensor.Type{{DType: in[0].DType, Shape: x}}, err
}

func (op convGradInput) Ref(out, in []tensor.Wide) {
	blank(out)
	_, s, err := op.sizes(in[0].Type.Shape, in[1].Type.Shape)
	if err != nil {
		return
	}
	y, w, x := in[0], in[1], out[0]
	if x.F != nil {
		s.each(func(i, f, o int) { x.F[i] += y.F[o] * w.F[f] })
	} else {
		s.each(func(i, f, o int) { x.I[i] += y.I[o] * w.I[f] })
	}
}

// VJP: convolution, and the filter's gradient with the cotangent as input.
func (op convGradInput) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	y, w := n.In()[0], n.In()[1]
	return []*graph.Node{
		Conv(ct[0], w, nil, op.ConvDims),
		ConvGradFilter(ct[0], y, taps(w.Shape()), op.ConvDims),
	}
}

// Kernel implements graph.Kerneled.
func (op convGradInput) Kernel(in, _ []tensor.Type) *kernel.Code {
	_, s, err := op.sizes(in[0].Shape, in[1].Shape)
	if t, ok := s.table(in[0].DType); ok && err == nil {
		return kernel.ConvGradInputFloat64(t)
	}
	if spec, ok := s.spec(in[0].DType); ok && err == nil {
		return kernel.ConvGradInput(spec)
	}
	return nil
}

// FLOPs implements graph.Costed.
func (op convGradInput) FLOPs(in, _ []tensor.Type) int64 {
	_, s, _ := op.sizes(in[0].Shape, in[1].Shape)
	return s.flops()
}

// MACs implements graph.Contracting.
func (op convGradInput) MACs(in, out []tensor.Type) int64 { return op.FLOPs(in, out) / 2 }

func init() {
	sample := func(d ConvDims, in Ints, y, w tensor.Type) graph.Sample {
		op := convGradInput{d.full(y.Shape.Rank()), in}
		return graph.Sample{Of: op, In: []tensor.Type{y, w}, Low: -1, High: 1}
	}
	w := tensor.F32(3, 2, 2, 3)
	graph.Register(graph.Entry{
		Op:    convGradInput{ConvDims{}.full(4), List(5, 4)},
		Doc:   "x[o·stride + tap·dilation - pad, c] = Σ y[o,k]·w[tap,c,k]",
		Large: large(convGradInput{ConvDims{PadLow: List(1, 1), PadHigh: List(1, 1)}.full(4), List(28, 28)}, tensor.F32(32, 28, 28, 64), tensor.F32(3, 3, 64, 64)),
		Samples: []graph.Sample{
			sample(ConvDims{}, List(5, 4), tensor.F32(2, 3, 3, 3), w),
			sample(ConvDims{Stride: List(2, 2), PadLow: List(1, 1)}, List(5, 4), tensor.F32(1, 2, 2, 3), w),
			sample(ConvDims{Dilation: List(2, 1), PadHigh: List(1, 0)}, List(5, 4), tensor.F32(1, 2, 3, 3), w),
			sample(ConvDims{Groups: 2}, List(3, 3), tensor.F32(2, 2, 2, 4), tensor.F32(2, 2, 1, 4)),
			sample(ConvDims{Stride: List(3)}, List(8), tensor.F32(1, 2, 2), tensor.F32(3, 3, 2)),
			sample(ConvDims{InputDilation: List(2, 1)}, List(5, 4), tensor.F32(1, 7, 3, 3), w),
			sample(ConvDims{}, List(5, 4), tensor.F32(0, 3, 3, 3), w),
		},
	})
}
