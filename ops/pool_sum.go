package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// SumPool adds up each window of x [N spatial… C], channel by channel; padding
// counts as 0.
func SumPool(x *graph.Node, d WindowDims) *graph.Node {
	return graph.Apply1(sumPool{d.full()}, x)
}

type sumPool struct{ WindowDims }

func (sumPool) Name() string { return "sum-pool" }

// Export implements graph.Exporter.
func (op sumPool) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	y := op.export(x, "AveragePool", in[0], n, graph.Attribute{Name: "count_include_pad", Value: 1})
	size := x.Constant(scalarOf(n.OutTypes()[0].DType, float64(product(op.Size.Slice()))))
	return []string{x.Add("Mul", []string{y, size})}
}

func (op sumPool) Infer(in []tensor.Type) ([]tensor.Type, error) { return op.infer(in, numbers) }

func (op sumPool) Ref(out, in []tensor.Wide) {
	blank(out)
	s, _ := op.shape(in[0].Type.Shape)
	if out[0].F != nil {
		s.each(func(i, o int) { out[0].F[o] += in[0].F[i] })
	} else {
		s.each(func(i, o int) { out[0].I[o] += in[0].I[i] })
	}
}

// VJP: every element of a window gets its cotangent.
func (op sumPool) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{SumPoolGrad(ct[0], middle(n.In()[0].Shape()), op.WindowDims)}
}

// Kernel implements graph.Kerneled.
func (op sumPool) Kernel(in, _ []tensor.Type) *kernel.Code {
	return op.pool(in[0], kernel.SumPool)
}

// FLOPs implements graph.Costed.
func (op sumPool) FLOPs(_, out []tensor.Type) int64 { return op.flops(out[0].Shape) }

func init() {
	graph.Register(graph.Entry{
		Op:      sumPool{WindowDims{Size: List(2, 2)}.full()},
		Doc:     "Σ x over each window",
		Large:   large(sumPool{WindowDims{Size: List(2, 2)}.full()}, tensor.F32(32, 112, 112, 64)),
		Samples: poolSamples(func(d WindowDims) graph.Op { return sumPool{d} }),
	})
}
