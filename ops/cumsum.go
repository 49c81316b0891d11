package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// CumSum is, at each place along an axis, the sum of x up to there.
func CumSum(x *graph.Node, d CumDims) *graph.Node {
	x, c := d.begin(x, 0)
	return graph.Apply1(cumSum{c}, x)
}

// errAxis says that s has no such axis.
func errAxis(axis int, s tensor.Shape) error {
	return fmt.Errorf("no axis %d of %v to go along", axis, s)
}

type cumSum struct{ cumulative }

func (cumSum) Name() string { return "cum-sum" }

// Export implements graph.Exporter.
func (op cumSum) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{op.operator(x, "CumSum", in[0])}
}

func (op cumSum) Infer(in []tensor.Type) ([]tensor.Type, error) { return op.infer(in, 1, numbers) }

func (op cumSum) Ref(out, in []tensor.Wide) {
	running(op.cumulative, out[0].F, in[0].F, in[0].Type.Shape, func(y, x float64) float64 { return y + x })
	running(op.cumulative, out[0].I, in[0].I, in[0].Type.Shape, func(y, x int64) int64 { return y + x })
}

// running sets each element of y to f of the one before it and of x; at the
// beginning to x.
func running[T any](c cumulative, y, x []T, s tensor.Shape, f func(y, x T) T) {
	if x == nil {
		return
	}
	c.steps(s, func(i, before int) {
		y[i] = x[i]
		if before >= 0 {
			y[i] = f(y[before], x[i])
		}
	})
}

// VJP: the sums of g the other way.
func (op cumSum) VJP(ct []*graph.Node, _ *graph.Inst) []*graph.Node {
	return []*graph.Node{graph.Apply1(cumSum{op.backwards()}, ct[0])}
}

// Kernel implements graph.Kerneled.
func (op cumSum) Kernel(in, _ []tensor.Type) *kernel.Code {
	return kernel.CumSum(op.spec(in[0].Shape), in[0].DType)
}

// InPlace implements graph.InPlace.
func (cumSum) InPlace() [][2]int { return [][2]int{{0, 0}} }

// Permute implements graph.Permuter.
func (op cumSum) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	return cumSum{op.permuted(perm)}, true
}

func init() {
	graph.Register(graph.Entry{
		Op:      cumSum{cumulative{1, false}},
		Doc:     "Σ x up to each place of an axis",
		Samples: cumSamples(func(c cumulative) graph.Op { return cumSum{c} }, 1, -3, 3, tensor.Int32, tensor.Uint8, tensor.Int64, tensor.BFloat16),
	})
}
