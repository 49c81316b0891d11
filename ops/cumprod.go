package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// CumProd is, at each place along an axis, the product of x up to there.
func CumProd(x *graph.Node, d CumDims) *graph.Node {
	x, c := d.begin(x, 1)
	return graph.Apply1(cumProd{c}, x)
}

type cumProd struct{ cumulative }

func (cumProd) Name() string { return "cum-prod" }

// Export implements graph.Exporter.
func (op cumProd) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	if x.Opset() >= 26 {
		return []string{op.operator(x, "CumProd", in[0])}
	}
	return op.export(x, in, n, 1, Mul)
}

func (op cumProd) Infer(in []tensor.Type) ([]tensor.Type, error) { return op.infer(in, 1, numbers) }

func (op cumProd) Ref(out, in []tensor.Wide) {
	running(op.cumulative, out[0].F, in[0].F, in[0].Type.Shape, func(y, x float64) float64 { return y * x })
	running(op.cumulative, out[0].I, in[0].I, in[0].Type.Shape, func(y, x int64) int64 { return y * x })
}

// VJP: with p the product before each place, p·r, where r = g + (the next x)·(the
// next r). No division, so zeros are right to any order.
func (op cumProd) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.Out()[0]
	if x.Shape().Size() == 0 {
		return []*graph.Node{nil}
	}
	r := graph.Apply1(recurrence{op.backwards()}, op.moved(x, 0, -1), ct[0])
	return []*graph.Node{Mul(op.moved(y, 1, 1), r)}
}

// Kernel implements graph.Kerneled.
func (op cumProd) Kernel(in, _ []tensor.Type) *kernel.Code {
	return kernel.CumProd(op.spec(in[0].Shape), in[0].DType)
}

// InPlace implements graph.InPlace.
func (cumProd) InPlace() [][2]int { return [][2]int{{0, 0}} }

// Permute implements graph.Permuter.
func (op cumProd) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	return cumProd{op.permuted(perm)}, true
}

func init() {
	graph.Register(graph.Entry{
		Op:      cumProd{cumulative{1, false}},
		Doc:     "Π x up to each place of an axis",
		Samples: cumSamples(func(c cumulative) graph.Op { return cumProd{c} }, 1, -1.5, 1.5, tensor.Int32, tensor.Uint8),
	})
}
