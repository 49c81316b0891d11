package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// LinearRecurrence is s with s = b + a·(the s before) along an axis, where s
// before the first is 0, so that the first a does not count.
func LinearRecurrence(a, b *graph.Node, axis int, reverse bool) *graph.Node {
	return graph.Apply1(recurrence{cumulative{b.Shape().Axis(axis), reverse}}, a, b)
}

type recurrence struct{ cumulative }

func (recurrence) Name() string { return "linear-recurrence" }

// Export implements graph.Exporter.
func (op recurrence) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		if v[0].Shape().Size() == 0 {
			return v[1:]
		}
		a := op.moved(op.moved(v[0], 0, -1), 0, 1) // 0 at the first place
		zero := func(now []*graph.Node) []*graph.Node { return []*graph.Node{Like(now[0], 0)} }
		return op.scan([]*graph.Node{v[1], a}, zero, func(s, now []*graph.Node) []*graph.Node {
			return []*graph.Node{Add(now[0], Mul(now[1], s[0]))}
		})
	})
}

func (op recurrence) Infer(in []tensor.Type) ([]tensor.Type, error) { return op.infer(in, 2, floats) }

func (op recurrence) Ref(out, in []tensor.Wide) {
	a, b, s := in[0].F, in[1].F, out[0].F
	op.steps(in[0].Type.Shape, func(i, before int) {
		s[i] = b[i]
		if before >= 0 {
			s[i] += a[i] * s[before]
		}
	})
}

// VJP: with r = g + (the next a)·(the next r), which is a recurrence the other
// way, r·(the s before) for a and r for b.
func (op recurrence) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	a, s := n.In()[0], n.Out()[0]
	if a.Shape().Size() == 0 {
		return []*graph.Node{nil, nil}
	}
	r := graph.Apply1(recurrence{op.backwards()}, op.moved(a, 0, -1), ct[0])
	return []*graph.Node{Mul(r, op.moved(s, 0, 1)), r}
}

// Kernel implements graph.Kerneled.
func (op recurrence) Kernel(in, _ []tensor.Type) *kernel.Code {
	return kernel.Recurrence(op.spec(in[0].Shape), in[0].DType)
}

// InPlace implements graph.InPlace.
func (recurrence) InPlace() [][2]int { return [][2]int{{0, 1}, {0, 0}} }

// FLOPs implements graph.Costed.
func (recurrence) FLOPs(in, _ []tensor.Type) int64 { return 2 * int64(in[0].Shape.Size()) }

// Permute implements graph.Permuter.
func (op recurrence) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	return recurrence{op.permuted(perm)}, true
}

func init() {
	graph.Register(graph.Entry{
		Op:      recurrence{cumulative{1, false}},
		Doc:     "s = b + a·(the s before) along an axis",
		Samples: cumSamples(func(c cumulative) graph.Op { return recurrence{c} }, 2, -1.5, 1.5),
	})
}
