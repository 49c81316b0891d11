package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Abs is |x|, for numbers; the smallest integer of a type is its own. The slope at 0 is 0.
func Abs(x *graph.Node) *graph.Node { return graph.Apply1(abs{}, x) }

type abs struct{ unaryRules }

func (abs) Name() string { return "abs" }

// ONNX implements graph.Named.
func (abs) ONNX() string { return "Abs" }

func (abs) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, numbers) }

func (abs) Ref(out, in []tensor.Wide) {
	each1(out, in, math.Abs, func(x int64) int64 {
		if x < 0 && !unsigned(in[0]) {
			return -x
		}
		return x
	})
}

// VJP: g·sign(x).
func (abs) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Mul(ct[0], Sign(n.In()[0]))}
}

// Permute implements graph.Permuter.
func (op abs) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (abs) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Abs(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  abs{},
		Doc: "|x|",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Int32, Shape: tensor.Dims(9)}}, Low: -9, High: 9},
			{In: []tensor.Type{{DType: tensor.Uint64, Shape: tensor.Dims(4)}}, Low: 0, High: 1 << 64},
		},
	})
}
