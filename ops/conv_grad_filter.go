package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// ConvGradFilter is the transpose of [Conv] with respect to its filters: it
// takes an input x [N spatial… C] and a cotangent y [N spatial… K] to
// [taps… C/groups K], taps being the filters' spatial sizes.
func ConvGradFilter(x, y *graph.Node, taps Ints, d ConvDims) *graph.Node {
	return graph.Apply1(convGradFilter{d.full(x.Shape().Rank()), taps}, x, y)
}

type convGradFilter struct {
	ConvDims
	Taps Ints // spatial sizes of the result
}

func (convGradFilter) Name() string { return "conv-grad-filter" }

// Export implements graph.Exporter: a convolution whose channels are the examples,
// stride and dilation having changed places.
func (op convGradFilter) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		w := n.OutTypes()[0]
		if v[0].Shape().Size() == 0 || v[1].Shape().Size() == 0 {
			return []*graph.Node{v[0].Graph().Fill(0, w)}
		}
		y := Conv(op.byExample(v[0]), op.asFilters(v[1]), nil, ConvDims{
			Stride: op.Dilation, Dilation: op.Stride, PadLow: op.PadLow, PadHigh: op.PadHigh, InputDilation: op.InputDilation, Groups: op.Groups,
		}) // [C/groups more… K]
		spatial := op.Taps.Len()
		limit := append(append([]int{w.Shape.Dim(-2)}, op.Taps.Slice()...), w.Shape.Dim(-1))
		y = Slice(y, make([]int, spatial+2), limit, nil)
		return []*graph.Node{Transpose(y, append(numbered(1, spatial), 0, spatial+1)...)} // [taps… C/groups K]
	})
}

// byExample is x [N in… C] as [C/groups in… groups·N].
func (op convGradFilter) byExample(x *graph.Node) *graph.Node {
	dims, spatial := x.Shape().Dims(), op.Taps.Len()
	c := dims[spatial+1]
	x = Reshape(x, tensor.Dims(append(dims[:spatial+1:spatial+1], op.Groups, c/op.Groups)...))
	x = Transpose(x, join([]int{spatial + 2}, numbered(1, spatial), []int{spatial + 1, 0})...)
	return Reshape(x, tensor.Dims(join([]int{c / op.Groups}, dims[1:spatial+1], []int{op.Groups * dims[0]})...))
}

// asFilters is y [N out… K] as [out… N K].
func (op convGradFilter) asFilters(y *graph.Node) *graph.Node {
	spatial := op.Taps.Len()
	return Transpose(y, append(numbered(1, spatial), 0, spatial+1)...)
}

// sizes is the result's shape and the convolution's sizes.
func (op convGradFilter) sizes(x, y tensor.Shape) (w tensor.Shape, s convShape, err error) {
	if x.Rank() < 3 || y.Rank() != x.Rank() || op.Taps.Len() != x.Rank()-2 {
		return w, s, fmt.Errorf("want [N spatial… C] and [N spatial… K], got %v, %v and sizes %v", x, y, op.Taps)
	}
	w, err = tensor.CheckedDims(append(op.Taps.Slice(), x.Dim(-1)/max(op.Groups, 1), y.Dim(-1))...)
	if err != nil {
		return w, s, err
	}
	if s, err = op.shape(x, w); err == nil && s.y != y {
		err = fmt.Errorf("a convolution of %v with %v gives %v, not %v", x, w, s.y, y)
	}
	return w, s, err
}

func (op convGradFilter) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if _, err := tailed(in, false); err != nil {
		return nil, err
	}
	if err := count(in, 2); err != nil {
		return nil, err
	}
	w, _, err := op.sizes(in[0].Shape, in[1].Shape)
	return []tensor.Type{{DType: in[0].DType, Shape: w}}, err
}

func (op convGradFilter) Ref(out, in []tensor.Wide) {
	blank(out)
	_, s, err := op.sizes(in[0].Type.Shape, in[1].Type.Shape)
	if err != nil {
		return
	}
	x, y, w := in[0], in[1], out[0]
	if w.F != nil {
		s.each(func(i, f, o int) { w.F[f] += x.F[i] * y.F[o] })
	} else {
		s.each(func(i, f, o int) { w.I[f] += x.I[i] * y.I[o] })
	}
}

// VJP: the input's gradient and the convolution, with the cotangent as filters.
func (op convGradFilter) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.In()[1]
	return []*graph.Node{
		ConvGradInput(y, ct[0], middle(x.Shape()), op.ConvDims),
		Conv(x, ct[0], nil, op.ConvDims),
	}
}

// Kernel implements graph.Kerneled.
func (op convGradFilter) Kernel(in, _ []tensor.Type) *kernel.Code {
	_, s, err := op.sizes(in[0].Shape, in[1].Shape)
	if t, ok := s.table(in[0].DType); ok && err == nil {
		return kernel.ConvGradFilterFloat64(t)
	}
	if spec, ok := s.spec(in[0].DType); ok && err == nil {
		return kernel.ConvGradFilter(spec)
	}
	return nil
}

// FLOPs implements graph.Costed.
func (op convGradFilter) FLOPs(in, _ []tensor.Type) int64 {
	_, s, _ := op.sizes(in[0].Shape, in[1].Shape)
	return s.flops()
}

// MACs implements graph.Contracting.
func (op convGradFilter) MACs(in, out []tensor.Type) int64 { return op.FLOPs(in, out) / 2 }

func init() {
	sample := func(d ConvDims, taps Ints, x, y tensor.Type) graph.Sample {
		op := convGradFilter{d.full(x.Shape.Rank()), taps}
		return graph.Sample{Of: op, In: []tensor.Type{x, y}, Low: -1, High: 1}
	}
	x := tensor.F32(2, 5, 4, 2)
	graph.Register(graph.Entry{
		Op:    convGradFilter{ConvDims{}.full(4), List(3, 2)},
		Doc:   "w[tap,c,k] = Σ x[o·stride + tap·dilation - pad, c]·y[o,k]",
		Large: large(convGradFilter{ConvDims{PadLow: List(1, 1), PadHigh: List(1, 1)}.full(4), List(3, 3)}, tensor.F32(32, 28, 28, 64), tensor.F32(32, 28, 28, 64)),
		Samples: []graph.Sample{
			sample(ConvDims{}, List(3, 2), x, tensor.F32(2, 3, 3, 3)),
			sample(ConvDims{Stride: List(2, 2), PadLow: List(1, 1)}, List(3, 2), x, tensor.F32(2, 2, 2, 3)),
			sample(ConvDims{Dilation: List(2, 1), PadHigh: List(1, 0)}, List(3, 2), x, tensor.F32(2, 2, 3, 3)),
			sample(ConvDims{Groups: 2}, List(2, 2), x, tensor.F32(2, 4, 3, 4)),
			sample(ConvDims{Stride: List(3)}, List(2), tensor.F32(1, 8, 3), tensor.F32(1, 3, 2)),
			sample(ConvDims{InputDilation: List(2, 1)}, List(3, 2), x, tensor.F32(2, 7, 3, 3)),
			sample(ConvDims{}, List(3, 2), tensor.F32(0, 5, 4, 2), tensor.F32(0, 3, 3, 3)),
		},
	})
}
