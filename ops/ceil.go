package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Ceil is the smallest whole number not below x.
func Ceil(x *graph.Node) *graph.Node { return graph.Apply1(ceil{}, x) }

type ceil struct{ unaryRules }

func (ceil) Name() string { return "ceil" }

// ONNX implements graph.Named.
func (ceil) ONNX() string { return "Ceil" }

func (ceil) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (ceil) Ref(out, in []tensor.Wide) { each1(out, in, math.Ceil, nil) }

// VJP: none, since the result is constant in pieces.
func (ceil) VJP(_ []*graph.Node, _ *graph.Inst) []*graph.Node { return []*graph.Node{nil} }

// Permute implements graph.Permuter.
func (op ceil) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (ceil) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Ceil(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  ceil{},
		Doc: "⌈x⌉",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3, Rough: true},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -1e10, High: 1e10, Rough: true},
		},
	})
}
