package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// SumPoolGrad is the transpose of [SumPool]: each element of g [N out… C] is
// added to every place of its window in [N in… C], in being the spatial sizes
// of the pooled tensor.
func SumPoolGrad(g *graph.Node, in Ints, d WindowDims) *graph.Node {
	return graph.Apply1(sumPoolGrad{d.full(), in}, g)
}

type sumPoolGrad struct {
	WindowDims
	In Ints // spatial sizes of the result
}

func (sumPoolGrad) Name() string { return "sum-pool-grad" }

// Export implements graph.Exporter: the transpose of a convolution of each channel by
// ones.
func (op sumPoolGrad) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		t, c := v[0].Type(), v[0].Shape().Dim(-1)
		if t.Shape.Size() == 0 {
			return []*graph.Node{v[0].Graph().Fill(0, n.OutTypes()[0])}
		}
		t.Shape = tensor.Dims(append(op.Size.Slice(), 1, c)...)
		d := ConvDims{Stride: op.Stride, PadLow: op.PadLow, PadHigh: op.PadHigh, Dilation: op.Dilation, Groups: c}
		return []*graph.Node{ConvGradInput(v[0], v[0].Graph().Fill(1, t), op.In, d)}
	})
}

func (op sumPoolGrad) sizes(g tensor.Shape) (poolShape, error) {
	if g.Rank() < 3 || op.In.Len() != g.Rank()-2 {
		return poolShape{}, fmt.Errorf("want [N spatial… C], got %v and sizes %v", g, op.In)
	}
	x, err := tensor.CheckedDims(append(append([]int{g.Dim(0)}, op.In.Slice()...), g.Dim(-1))...)
	if err != nil {
		return poolShape{}, err
	}
	s, err := op.shape(x)
	if err == nil && s.y != g {
		err = fmt.Errorf("windows over %v give %v, not %v", x, s.y, g)
	}
	return s, err
}

func (op sumPoolGrad) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 1, numbers); err != nil {
		return nil, err
	}
	s, err := op.sizes(in[0].Shape)
	return []tensor.Type{{DType: in[0].DType, Shape: s.x}}, err
}

func (op sumPoolGrad) Ref(out, in []tensor.Wide) {
	blank(out)
	s, _ := op.sizes(in[0].Type.Shape)
	if out[0].F != nil {
		s.each(func(i, o int) { out[0].F[i] += in[0].F[o] })
	} else {
		s.each(func(i, o int) { out[0].I[i] += in[0].I[o] })
	}
}

// VJP: the sum of the cotangents of each window.
func (op sumPoolGrad) VJP(ct []*graph.Node, _ *graph.Inst) []*graph.Node {
	return []*graph.Node{SumPool(ct[0], op.WindowDims)}
}

// Kernel implements graph.Kerneled.
func (op sumPoolGrad) Kernel(_, out []tensor.Type) *kernel.Code {
	return op.pool(out[0], kernel.SumPoolGrad)
}

// FLOPs implements graph.Costed.
func (op sumPoolGrad) FLOPs(in, _ []tensor.Type) int64 { return op.flops(in[0].Shape) }

func init() {
	var samples []graph.Sample
	for _, s := range poolSamples(func(d WindowDims) graph.Op { return sumPool{d} }) {
		d := s.Of.(sumPool).WindowDims
		shape, _ := d.shape(s.In[0].Shape)
		s.Of, s.In = sumPoolGrad{d, middle(s.In[0].Shape)}, []tensor.Type{{DType: tensor.Float32, Shape: shape.y}}
		samples = append(samples, s)
	}
	graph.Register(graph.Entry{
		Op:      sumPoolGrad{WindowDims{Size: List(2, 2)}.full(), List(4, 4)},
		Doc:     "adds g of each window to every place of the window",
		Large:   large(sumPoolGrad{WindowDims{Size: List(2, 2)}.full(), List(112, 112)}, tensor.F32(32, 56, 56, 64)),
		Samples: samples,
	})
}
