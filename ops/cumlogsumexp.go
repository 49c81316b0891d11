package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// CumLogSumExp is, at each place along an axis, log Σ exp(x) up to there. Of
// nothing it is -∞.
func CumLogSumExp(x *graph.Node, d CumDims) *graph.Node {
	x, c := d.begin(x, math.Inf(-1))
	return graph.Apply1(cumLogSumExp{c}, x)
}

type cumLogSumExp struct{ cumulative }

func (cumLogSumExp) Name() string { return "cum-log-sum-exp" }

// Export implements graph.Exporter.
func (op cumLogSumExp) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return op.export(x, in, n, math.Inf(-1), func(y, x *graph.Node) *graph.Node {
		high := Max(y, x)
		sum := Add(high, Log1p(Exp(Sub(Min(y, x), high))))
		return Select(IsFinite(high), sum, high)
	})
}

func (op cumLogSumExp) Infer(in []tensor.Type) ([]tensor.Type, error) {
	return op.infer(in, 1, floats)
}

func (op cumLogSumExp) Ref(out, in []tensor.Wide) {
	running(op.cumulative, out[0].F, in[0].F, in[0].Type.Shape, logAddExp)
}

// logAddExp is log(exp(x) + exp(y)).
func logAddExp(x, y float64) float64 {
	high, low := max(x, y), min(x, y)
	if math.IsInf(high, 0) {
		return high
	}
	return high + math.Log1p(math.Exp(low-high))
}

// VJP: r·exp(x - y) with r = g + exp(y - the next y)·(the next r). No exponent is
// above 0. Places with y = -∞ get and give nothing.
func (op cumLogSumExp) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.Out()[0]
	if x.Shape().Size() == 0 {
		return []*graph.Node{nil}
	}
	real := IsFinite(y)
	zero := Like(y, 0)
	solid := Select(real, y, zero)
	weight := Select(IsFinite(x), Exp(Sub(Select(IsFinite(x), x, zero), solid)), zero) // exp(x - y)
	fall := Sub(solid, op.moved(solid, 0, -1))
	fall = Select(Gt(fall, zero), zero, fall) // where there is no next y
	decay := Select(real, Exp(fall), zero)
	r := graph.Apply1(recurrence{op.backwards()}, decay, ct[0])
	return []*graph.Node{Mul(r, weight)}
}

// Kernel implements graph.Kerneled.
func (op cumLogSumExp) Kernel(in, _ []tensor.Type) *kernel.Code {
	return kernel.CumLogSumExp(op.spec(in[0].Shape), in[0].DType)
}

// InPlace implements graph.InPlace.
func (cumLogSumExp) InPlace() [][2]int { return [][2]int{{0, 0}} }

// FLOPs implements graph.Costed.
func (cumLogSumExp) FLOPs(in, _ []tensor.Type) int64 { return 4 * int64(in[0].Shape.Size()) }

// Permute implements graph.Permuter.
func (op cumLogSumExp) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	return cumLogSumExp{op.permuted(perm)}, true
}

func init() {
	graph.Register(graph.Entry{
		Op:      cumLogSumExp{cumulative{1, false}},
		Doc:     "log Σ exp(x) up to each place of an axis",
		Samples: cumSamples(func(c cumulative) graph.Op { return cumLogSumExp{c} }, 1, -3, 3),
	})
}
