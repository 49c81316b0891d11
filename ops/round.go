package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Round is the nearest whole number, the even one of two.
func Round(x *graph.Node) *graph.Node { return graph.Apply1(round{}, x) }

type round struct{ unaryRules }

func (round) Name() string { return "round" }

// ONNX implements graph.Named.
func (round) ONNX() string { return "Round" }

func (round) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (round) Ref(out, in []tensor.Wide) { each1(out, in, math.RoundToEven, nil) }

// VJP: none, since the result is constant in pieces.
func (round) VJP(_ []*graph.Node, _ *graph.Inst) []*graph.Node { return []*graph.Node{nil} }

// Permute implements graph.Permuter.
func (op round) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (round) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Round(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  round{},
		Doc: "nearest whole number, ties to even",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3, Rough: true},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -1e10, High: 1e10, Rough: true},
		},
	})
}
