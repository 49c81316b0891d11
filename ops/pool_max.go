package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// MaxPool is the largest element of each window of x [N spatial… C], channel by
// channel. Padding never wins; a window of padding alone gives -Inf. The
// gradient goes to the first of equal maxima, in row-major order.
func MaxPool(x *graph.Node, d WindowDims) *graph.Node {
	return graph.Apply1(maxPool{d.full()}, x)
}

type maxPool struct{ WindowDims }

func (maxPool) Name() string { return "max-pool" }

// Export implements graph.Exporter.
func (op maxPool) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{op.export(x, "MaxPool", in[0], n)}
}

func (op maxPool) Infer(in []tensor.Type) ([]tensor.Type, error) { return op.infer(in, floats) }

func (op maxPool) Ref(out, in []tensor.Wide) {
	s, _ := op.shape(in[0].Type.Shape)
	for o, i := range s.firstMax(in[0].F) {
		out[0].F[o] = math.Inf(-1)
		if i >= 0 {
			out[0].F[o] = in[0].F[i]
		}
	}
}

// VJP: the cotangent of a window goes to its maximum.
func (op maxPool) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{SelectAndScatter(n.In()[0], ct[0], op.WindowDims)}
}

// Kernel implements graph.Kerneled.
func (op maxPool) Kernel(in, _ []tensor.Type) *kernel.Code {
	return op.pool(in[0], kernel.MaxPool)
}

// FLOPs implements graph.Costed.
func (op maxPool) FLOPs(_, out []tensor.Type) int64 { return op.flops(out[0].Shape) }

func init() {
	graph.Register(graph.Entry{
		Op:      maxPool{WindowDims{Size: List(2, 2)}.full()},
		Doc:     "max x over each window",
		Large:   large(maxPool{WindowDims{Size: List(2, 2)}.full()}, tensor.F32(32, 112, 112, 64)),
		Samples: poolSamples(func(d WindowDims) graph.Op { return maxPool{d} }),
	})
}

// poolSamples are operands for pooling: side by side, overlapping with padding
// on one side, with holes, and over one and three axes.
func poolSamples(op func(WindowDims) graph.Op) []graph.Sample {
	var samples []graph.Sample
	for _, c := range []struct {
		d WindowDims
		x tensor.Type
	}{
		{WindowDims{Size: List(2, 2)}, tensor.F32(2, 4, 5, 3)},
		{WindowDims{Size: List(3, 2), Stride: List(2, 1), PadLow: List(1, 0), PadHigh: List(0, 1)}, tensor.F32(1, 5, 4, 2)},
		{WindowDims{Size: List(2, 2), Stride: List(1, 1), Dilation: List(2, 1)}, tensor.F32(2, 4, 3, 1)},
		{WindowDims{Size: List(3), Stride: List(2), PadLow: List(1), PadHigh: List(1)}, tensor.F32(2, 7, 17)},
		{WindowDims{Size: List(2, 2, 2)}, tensor.F32(1, 2, 4, 2, 2)},
		{WindowDims{Size: List(2, 2)}, tensor.F32(0, 4, 4, 3)},
	} {
		samples = append(samples, graph.Sample{Of: op(c.d.full()), In: []tensor.Type{c.x}, Low: -1, High: 1})
	}
	return samples
}
