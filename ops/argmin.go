package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// ArgMin is the int32 index of the smallest element of x along axis, which the
// result does not have; the first of equal ones.
// NaN is beyond all others.
func ArgMin(x *graph.Node, axis int) *graph.Node {
	return graph.Apply1(argMin{chooseOver(x, axis)}, x)
}

type argMin struct{ choice }

func (argMin) Name() string { return "argmin" }

// Export implements graph.Exporter.
func (op argMin) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	y := x.Add("ArgMin", in, graph.Attribute{Name: "axis", Value: op.Axis}, graph.Attribute{Name: "keepdims", Value: 0})
	return []string{x.Add("Cast", []string{y}, graph.Attribute{Name: "to", Value: n.OutTypes()[0].DType})}
}

func (op argMin) Ref(out, in []tensor.Wide) {
	less := lessInt(in[0])
	op.ref(out[0], in[0],
		func(x, y float64) bool { return x < y || x != x && y == y },
		func(x, y int64) bool { return less(x, y) })
}

// Kernel implements graph.Kerneled.
func (op argMin) Kernel(in, _ []tensor.Type) *kernel.Code {
	return op.kernel(in[0], kernel.ReduceMin)
}

func init() {
	graph.Register(graph.Entry{
		Op:      argMin{choice{1}},
		Doc:     "index of the first smallest x along an axis",
		Samples: choiceSamples(func(c choice) graph.Op { return argMin{c} }),
	})
}
