package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// softmaxGrad takes a cotangent g and the softmax y to y ⊙ (g - Σ g ⊙ y).
type softmaxGrad struct{ along }

func (softmaxGrad) Name() string { return "softmax-grad" }

// Export implements graph.Exporter.
func (op softmaxGrad) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		return []*graph.Node{Mul(v[1], Sub(v[0], op.total(Mul(v[0], v[1]))))}
	})
}

func (op softmaxGrad) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if len(in) != 2 {
		return nil, fmt.Errorf("want 2 operands, got %d", len(in))
	}
	return op.along.Infer(in)
}

func (op softmaxGrad) Ref(out, in []tensor.Wide) {
	g, y := in[0].F, in[1].F
	op.rows(in[0].Type.Shape, func(at func(int) int, size int) {
		dot := 0.0
		for i := range size {
			dot += y[at(i)] * g[at(i)]
		}
		for i := range size {
			out[0].F[at(i)] = y[at(i)] * (g[at(i)] - dot)
		}
	})
}

// VJP: with cotangent u, for g the same operation again, which is symmetric;
// u ⊙ (g - Σ g⊙y) - g·Σ u⊙y for y.
func (op softmaxGrad) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	g, y, u := n.In()[0], n.In()[1], ct[0]
	dy := Sub(Mul(u, Sub(g, op.total(Mul(g, y)))), Mul(g, op.total(Mul(u, y))))
	return []*graph.Node{graph.Apply1(op, u, y), dy}
}

// Kernel implements graph.Kerneled.
func (op softmaxGrad) Kernel(in, _ []tensor.Type) *kernel.Code {
	if rows, n, ok := op.matrix(in[0]); ok {
		return kernel.SoftmaxGrad(rows, n, false)
	}
	return nil
}

// InPlace implements graph.InPlace.
func (softmaxGrad) InPlace() [][2]int { return [][2]int{{0, 0}} }

// Permute implements graph.Permuter.
func (op softmaxGrad) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	return softmaxGrad{op.permuted(perm)}, true
}

// Simplify implements graph.Simplifier: other axes are brought to the end.
func (op softmaxGrad) Simplify(n *graph.Inst) []*graph.Node {
	return op.atTheEnd(n, func(a along) graph.Op { return softmaxGrad{a} })
}

func init() {
	graph.Register(graph.Entry{
		Op:      softmaxGrad{along{1}},
		Doc:     "y·(g - Σ g·y) along an axis",
		Samples: alongSamples(func(a along) graph.Op { return softmaxGrad{a} }, 2),
	})
}
