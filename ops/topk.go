package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// TopK is the k largest elements of x along axis, which may count from the last,
// in descending order, and their int32 places there. Of equal ones the first
// come first; NaN is above all numbers.
func TopK(x *graph.Node, k, axis int) (values, places *graph.Node) {
	r := graph.Apply(topK{ordering{x.Shape().Axis(axis), true}, k}, x)
	return r[0], r[1]
}

// BottomK is the k smallest elements in rising order, and their places.
func BottomK(x *graph.Node, k, axis int) (values, places *graph.Node) {
	r := graph.Apply(topK{ordering{x.Shape().Axis(axis), false}, k}, x)
	return r[0], r[1]
}

type topK struct {
	ordering
	K int
}

func (topK) Name() string { return "top-k" }

// Export implements graph.Exporter.
func (op topK) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return op.export(x, in[0], op.K)
}

func (op topK) Infer(in []tensor.Type) ([]tensor.Type, error) { return op.infer(in, max(op.K, 0)) }

func (op topK) Ref(out, in []tensor.Wide) { op.ref(out, in) }

// VJP: each element of g goes to where its element came from.
func (op topK) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node { return op.vjp(ct, n) }

// Kernel implements graph.Kerneled.
func (op topK) Kernel(in, _ []tensor.Type) *kernel.Code { return op.kernel(in[0], max(op.K, 0)) }

// Permute implements graph.Permuter.
func (op topK) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	return topK{ordering{perm[op.Axis], op.Descending}, op.K}, true
}

func init() {
	samples := orderSamples(func(o ordering) graph.Op { return topK{o, 3} })
	for _, k := range []int{0, 1, 300, 1500} {
		samples = append(samples, graph.Sample{Of: topK{ordering{1, true}, k}, In: []tensor.Type{tensor.F32(2, 1500)}, Low: -3, High: 3, Rough: true})
	}
	graph.Register(graph.Entry{
		Op:      topK{ordering{1, true}, 3},
		Doc:     "the first k elements of x in order along an axis, and their places",
		Samples: samples,
	})
}
