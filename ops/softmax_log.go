package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// LogSoftmax is the logarithm of [Softmax], x - log Σexp(x), without the loss
// of small shares.
func LogSoftmax(x *graph.Node, axis int) *graph.Node {
	return graph.Apply1(logSoftmax{alongAxis(x, axis)}, x)
}

type logSoftmax struct{ along }

func (logSoftmax) Name() string { return "log-softmax" }

// Export implements graph.Exporter.
func (op logSoftmax) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{x.Add("LogSoftmax", in, graph.Attribute{Name: "axis", Value: op.Axis})}
}

func (op logSoftmax) Ref(out, in []tensor.Wide) {
	op.rows(in[0].Type.Shape, func(at func(int) int, size int) {
		top, sum := logSumExp(in[0].F, at, size)
		for i := range size {
			out[0].F[at(i)] = in[0].F[at(i)] - top - math.Log(sum)
		}
	})
}

// VJP: g - exp(y)·Σ g.
func (op logSoftmax) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Sub(ct[0], Mul(Exp(n.Out()[0]), op.total(ct[0])))}
}

// Kernel implements graph.Kerneled.
func (op logSoftmax) Kernel(in, _ []tensor.Type) *kernel.Code {
	if rows, n, ok := op.matrix(in[0]); ok {
		return kernel.Softmax(rows, n, true)
	}
	return nil
}

// InPlace implements graph.InPlace.
func (logSoftmax) InPlace() [][2]int { return [][2]int{{0, 0}} }

// Permute implements graph.Permuter.
func (op logSoftmax) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	return logSoftmax{op.permuted(perm)}, true
}

// Simplify implements graph.Simplifier: other axes are brought to the end.
func (op logSoftmax) Simplify(n *graph.Inst) []*graph.Node {
	return op.atTheEnd(n, func(a along) graph.Op { return logSoftmax{a} })
}

func init() {
	graph.Register(graph.Entry{
		Op:      logSoftmax{along{1}},
		Doc:     "x - log Σexp(x) along an axis",
		Samples: alongSamples(func(a along) graph.Op { return logSoftmax{a} }, 1),
	})
}
