package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Conv slides filters w [spatial… C/groups K] over x [N spatial… C] and adds
// bias [K], which may be nil: the result is [N spatial… K]. The filters are not
// flipped (cross-correlation, as everywhere in the field).
func Conv(x, w, bias *graph.Node, d ConvDims) *graph.Node {
	op := conv{ConvDims: d.full(x.Shape().Rank())}
	if bias == nil {
		return graph.Apply1(op, x, w)
	}
	return graph.Apply1(op, x, w, bias)
}

// conv takes x, w, then the bias if there is one, then with Residual a tensor
// that is added to the result. Residual, and ReLU or Clamp, which come last, are what a
// plan makes it absorb.
type conv struct {
	ConvDims
	Residual, ReLU bool
	Clamp          bool // the result is held between Low and High; never with ReLU
	Low, High      float64
}

func (conv) Name() string { return "conv" }

// Export implements graph.Exporter: channels come second there, and first of the
// filters the outputs.
func (op conv) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	rank := n.InTypes()[0].Shape.Rank()
	if op.InputDilation != Repeat(1, rank-2) {
		return op.exportSpread(x, in, n)
	}
	operands := []string{channelsSecond(x, in[0], rank), outputsFirst(x, in[1], rank)}
	rest := in[2:]
	if len(rest) > 0 && !(op.Residual && len(rest) == 1) {
		operands, rest = append(operands, rest[0]), rest[1:]
	}
	y := channelsLast(x, x.Add("Conv", operands, op.attributes(n.InTypes()[1].Shape)...), rank)
	if len(rest) > 0 {
		y = x.Add("Add", []string{y, rest[0]})
	}
	if op.ReLU {
		y = x.Add("Relu", []string{y})
	}
	if op.Clamp {
		d := n.OutTypes()[0].DType
		y = x.Add("Clip", []string{y, x.Constant(scalarOf(d, op.Low)), x.Constant(scalarOf(d, op.High))})
	}
	return []string{y}
}

// exportSpread writes zeros between the neighbours of the input first.
func (op conv) exportSpread(x graph.Exchange, in []string, n *graph.Inst) []string {
	return x.Inline(composed(n, func(v []*graph.Node) []*graph.Node {
		rank := v[0].Shape().Rank()
		zero, between := make([]int, rank), make([]int, rank)
		for i, d := range op.InputDilation.Slice() {
			between[1+i] = d - 1
		}
		plain := op
		plain.InputDilation = Repeat(1, rank-2)
		return graph.Apply(plain, append([]*graph.Node{Pad(v[0], 0, zero, zero, between)}, v[1:]...)...)
	}), in)
}

func (op conv) Infer(in []tensor.Type) ([]tensor.Type, error) {
	bias, err := tailed(in, op.Residual)
	if err != nil {
		return nil, err
	}
	s, err := op.shape(in[0].Shape, in[1].Shape)
	if err != nil {
		return nil, err
	}
	out := tensor.Type{DType: in[0].DType, Shape: s.y}
	return []tensor.Type{out}, tailFits(in, bias, op.Residual, out)
}

func (op conv) Ref(out, in []tensor.Wide) {
	blank(out)
	s, err := op.shape(in[0].Type.Shape, in[1].Type.Shape)
	if err != nil {
		return
	}
	x, w, y := in[0], in[1], out[0]
	if y.F != nil {
		s.each(func(i, f, o int) { y.F[o] += x.F[i] * w.F[f] })
	} else {
		s.each(func(i, f, o int) { y.I[o] += x.I[i] * w.I[f] })
	}
	refTail(y, in, op.Residual, op.ReLU)
	if op.Clamp {
		for i, v := range y.F {
			y.F[i] = min(max(v, op.Low), op.High)
		}
	}
}

// VJP: the cotangent slides back over the input and over the filters.
func (op conv) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x, w := n.In()[0], n.In()[1]
	g := beforeReLU(ct[0], n, op.ReLU)
	if op.Clamp {
		y := n.Out()[0]
		g = Select(And(Gt(y, Like(y, op.Low)), Lt(y, Like(y, op.High))), g, Like(g, 0))
	}
	return append([]*graph.Node{
		ConvGradInput(g, w, middle(x.Shape()), op.ConvDims),
		ConvGradFilter(x, g, taps(w.Shape()), op.ConvDims),
	}, tailVJP(g, n, op.Residual)...)
}

// FLOPs implements graph.Costed.
func (op conv) FLOPs(in, out []tensor.Type) int64 {
	return 2*op.MACs(in, out) + int64(len(in)-2)*int64(out[0].Shape.Size())
}

// MACs implements graph.Contracting.
func (op conv) MACs(in, _ []tensor.Type) int64 {
	s, err := op.shape(in[0].Shape, in[1].Shape)
	if err != nil {
		return 0
	}
	return s.flops() / 2
}

// Kernel implements graph.Kerneled.
func (op conv) Kernel(in, _ []tensor.Type) *kernel.Code {
	s, err := op.shape(in[0].Shape, in[1].Shape)
	if err != nil {
		return nil
	}
	bias := len(in) == 4 || len(in) == 3 && !op.Residual
	if t, ok := s.table(in[0].DType); ok && !op.Clamp {
		t.Bias, t.Residual, t.Act = bias, op.Residual, act(op.ReLU)
		return kernel.ConvFloat64(t)
	}
	spec, ok := s.spec(in[0].DType)
	if !ok {
		return nil
	}
	spec.Residual, spec.Act, spec.Bias = op.Residual, act(op.ReLU), bias
	if op.Clamp {
		spec.Act = kernel.Act{Clamps: true, Low: float32(op.Low), High: float32(op.High)}
	}
	return kernel.Conv(spec)
}

// Absorb implements graph.Absorber: a bias, a residual sum, then a ReLU or a clamp.
func (op conv) Absorb(n, user *graph.Inst) (graph.Op, []*graph.Node, bool) {
	if op.ReLU || op.Clamp {
		return nil, nil, false
	}
	if isReLU(user) {
		op.ReLU = true
		return op, nil, true
	}
	if low, high, ok := limits(user.Op()); ok && n.Out()[0].DType() == tensor.Float32 {
		op.Clamp, op.Low, op.High = true, low, high
		return op, nil, true
	}
	if b := biasOf(n, user); b != nil && len(n.In()) == 2 {
		return op, []*graph.Node{b}, true
	}
	if r := residualOf(n, user); r != nil && !op.Residual {
		op.Residual = true
		return op, []*graph.Node{r}, true
	}
	return nil, nil, false
}

// taps is the spatial sizes of a filter [spatial… C/groups K].
func taps(w tensor.Shape) Ints { return List(w.Dims()[:w.Rank()-2]...) }

func init() {
	x, w, bias := tensor.F32(2, 5, 4, 2), tensor.F32(3, 2, 2, 3), tensor.F32(3)
	sample := func(d ConvDims, in ...tensor.Type) graph.Sample {
		return graph.Sample{Of: conv{ConvDims: d.full(in[0].Shape.Rank())}, In: in, Low: -1, High: 1}
	}
	last := sample(ConvDims{}, x, w, bias, tensor.F32(2, 3, 3, 3))
	last.Of = conv{ConvDims: ConvDims{}.full(4), Residual: true, ReLU: true}
	held := sample(ConvDims{Groups: 2}, x, tensor.F32(3, 3, 1, 4), tensor.F32(4))
	held.Of = conv{ConvDims: ConvDims{Groups: 2}.full(4), Clamp: true, Low: -0.5, High: 1}
	held.Rough = true
	graph.Register(graph.Entry{
		Op:    conv{ConvDims: ConvDims{}.full(4)},
		Doc:   "y[o,k] = Σ x[o·stride + tap·dilation - pad, c]·w[tap,c,k] + bias[k]",
		Large: large(conv{ConvDims: ConvDims{PadLow: List(1, 1), PadHigh: List(1, 1)}.full(4)}, tensor.F32(32, 28, 28, 64), tensor.F32(3, 3, 64, 64)),
		Samples: []graph.Sample{
			sample(ConvDims{}, x, w),
			sample(ConvDims{Stride: List(2, 1), PadLow: List(1, 0), PadHigh: List(0, 2)}, x, w, bias),
			sample(ConvDims{Dilation: List(2, 3), PadHigh: List(2, 1)}, x, w),
			sample(ConvDims{InputDilation: List(2, 1), PadLow: List(1, 1)}, x, w),
			sample(ConvDims{Groups: 2}, x, tensor.F32(3, 3, 1, 4), tensor.F32(4)),
			sample(ConvDims{Stride: List(2)}, tensor.F32(2, 7, 2), tensor.F32(3, 2, 2), tensor.F32(2)),
			sample(ConvDims{PadLow: Repeat(1, 3)}, tensor.F32(1, 2, 3, 2, 2), tensor.F32(2, 2, 2, 2, 2)),
			sample(ConvDims{}, tensor.F32(0, 3, 3, 2), w),
			last,
			held,
		},
	})
}
