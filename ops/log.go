package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Log is the natural logarithm.
func Log(x *graph.Node) *graph.Node { return graph.Apply1(log{}, x) }

type log struct{ unaryRules }

func (log) Name() string { return "log" }

// ONNX implements graph.Named.
func (log) ONNX() string { return "Log" }

func (log) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (log) Ref(out, in []tensor.Wide) { each1(out, in, math.Log, nil) }

// VJP: g/x.
func (log) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Div(ct[0], n.In()[0])}
}

// Permute implements graph.Permuter.
func (op log) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (log) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Log(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  log{},
		Doc: "log(x)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: 0.5, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: 0.5, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: 0.5, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: 1e-30, High: 1e-20, Rough: true},
			{In: []tensor.Type{tensor.F32(64)}, Low: 1e20, High: 1e30, Rough: true},
		},
	})
}
