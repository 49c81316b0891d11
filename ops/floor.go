package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Floor is the largest whole number not above x.
func Floor(x *graph.Node) *graph.Node { return graph.Apply1(floor{}, x) }

type floor struct{ unaryRules }

func (floor) Name() string { return "floor" }

// ONNX implements graph.Named.
func (floor) ONNX() string { return "Floor" }

func (floor) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (floor) Ref(out, in []tensor.Wide) { each1(out, in, math.Floor, nil) }

// VJP: none, since the result is constant in pieces.
func (floor) VJP(_ []*graph.Node, _ *graph.Inst) []*graph.Node { return []*graph.Node{nil} }

// Permute implements graph.Permuter.
func (op floor) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (floor) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Floor(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  floor{},
		Doc: "⌊x⌋",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3, Rough: true},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -1e10, High: 1e10, Rough: true},
		},
	})
}
