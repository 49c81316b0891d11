package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// AvgPool is the mean of each window of x [N spatial… C], channel by channel.
// With includePad padding counts as zeros; without it only the elements of x in
// the window count, and a window of padding alone gives 0.
func AvgPool(x *graph.Node, d WindowDims, includePad bool) *graph.Node {
	return graph.Apply1(avgPool{d.full(), includePad}, x)
}

type avgPool struct {
	WindowDims
	IncludePad bool
}

func (avgPool) Name() string { return "avg-pool" }

// Export implements graph.Exporter.
func (op avgPool) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	include := 0
	if op.IncludePad {
		include = 1
	}
	return []string{op.export(x, "AveragePool", in[0], n, graph.Attribute{Name: "count_include_pad", Value: include})}
}

func (op avgPool) Infer(in []tensor.Type) ([]tensor.Type, error) { return op.infer(in, floats) }

func (op avgPool) Ref(out, in []tensor.Wide) {
	blank(out)
	s, _ := op.shape(in[0].Type.Shape)
	s.each(func(i, o int) { out[0].F[o] += in[0].F[i] })
	count := op.count(s)
	for o := range out[0].F {
		out[0].F[o] /= count[o/s.c%len(count)]
	}
}

// count is how many elements each window is divided by, in one plane.
func (op avgPool) count(s poolShape) []float64 {
	if s.y.Size() == 0 {
		return []float64{1}
	}
	one := s
	one.n, one.c = 1, 1
	windows := 1
	for _, a := range s.axes {
		windows *= a.out
	}
	count := make([]float64, windows)
	one.each(func(_, o int) { count[o]++ })
	whole := 1.0
	for _, size := range op.Size.Slice() {
		whole *= float64(size)
	}
	for o, n := range count {
		if op.IncludePad {
			n = whole
		}
		count[o] = max(n, 1)
	}
	return count
}

// divide divides each window's element of y [N out… C] by the window's count.
func (op avgPool) divide(y *graph.Node, s poolShape) *graph.Node {
	count := op.count(s)
	for _, v := range count {
		if v != count[0] {
			out := middle(s.y)
			w := tensor.Wide{Type: tensor.Type{DType: y.DType(), Shape: tensor.Dims(out.Slice()...)}, F: count}
			c := y.Graph().Constant(w.Narrow())
			return Div(y, BroadcastInDim(c, s.y, numbered(1, out.Len())...))
		}
	}
	return Div(y, Like(y, count[0]))
}

// VJP: every element of a window gets its part of the cotangent.
func (op avgPool) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x := n.In()[0].Shape()
	s, _ := op.shape(x)
	return []*graph.Node{SumPoolGrad(op.divide(ct[0], s), middle(x), op.WindowDims)}
}

// Simplify implements graph.Simplifier: a sum divided by counts.
func (op avgPool) Simplify(n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	s, err := op.shape(x.Shape())
	if err != nil {
		return nil
	}
	return []*graph.Node{op.divide(SumPool(x, op.WindowDims), s)}
}

// FLOPs implements graph.Costed.
func (op avgPool) FLOPs(_, out []tensor.Type) int64 { return op.flops(out[0].Shape) }

func init() {
	samples := poolSamples(func(d WindowDims) graph.Op { return avgPool{d, false} })
	graph.Register(graph.Entry{
		Op:      avgPool{WindowDims{Size: List(2, 2)}.full(), false},
		Doc:     "mean of x over each window",
		Large:   large(avgPool{WindowDims{Size: List(2, 2)}.full(), false}, tensor.F32(32, 112, 112, 64)),
		Samples: append(samples, poolSamples(func(d WindowDims) graph.Op { return avgPool{d, true} })...),
	})
}
