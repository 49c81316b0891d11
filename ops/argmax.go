package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// ArgMax is the int32 index of the largest element of x along axis, which the
// result does not have; the first of equal ones.
// NaN is beyond all others.
func ArgMax(x *graph.Node, axis int) *graph.Node {
	return graph.Apply1(argMax{chooseOver(x, axis)}, x)
}

type argMax struct{ choice }

func (argMax) Name() string { return "argmax" }

// Export implements graph.Exporter.
func (op argMax) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	y := x.Add("ArgMax", in, graph.Attribute{Name: "axis", Value: op.Axis}, graph.Attribute{Name: "keepdims", Value: 0})
	return []string{x.Add("Cast", []string{y}, graph.Attribute{Name: "to", Value: n.OutTypes()[0].DType})}
}

func (op argMax) Ref(out, in []tensor.Wide) {
	less := lessInt(in[0])
	op.ref(out[0], in[0],
		func(x, y float64) bool { return x > y || x != x && y == y },
		func(x, y int64) bool { return less(y, x) })
}

// Kernel implements graph.Kerneled.
func (op argMax) Kernel(in, _ []tensor.Type) *kernel.Code {
	return op.kernel(in[0], kernel.ReduceMax)
}

func init() {
	graph.Register(graph.Entry{
		Op:      argMax{choice{1}},
		Doc:     "index of the first largest x along an axis",
		Samples: choiceSamples(func(c choice) graph.Op { return argMax{c} }),
	})
}
