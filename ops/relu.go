package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// ReLU is max(x, 0): NaN stays NaN, and the slope at 0 is 0.
func ReLU(x *graph.Node) *graph.Node { return graph.Apply1(relu{}, x) }

type relu struct{ unaryRules }

func (relu) Name() string { return "relu" }

// ONNX implements graph.Named.
func (relu) ONNX() string { return "Relu" }

func (relu) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (relu) Ref(out, in []tensor.Wide) {
	each1(out, in, func(x float64) float64 { return max(x, 0) }, nil)
}

// VJP: g where y > 0.
func (relu) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	y := n.Out()[0]
	return []*graph.Node{Select(Gt(y, Like(y, 0)), ct[0], Like(y, 0))}
}

// Simplify: relu(relu(x)) is relu(x).
func (relu) Simplify(n *graph.Inst) []*graph.Node {
	if x := n.In()[0]; isOp[relu](x) {
		return []*graph.Node{x}
	}
	return foldFills(n)
}

// Permute implements graph.Permuter.
func (op relu) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (relu) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.ReLU(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  relu{},
		Doc: "max(x, 0)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -3, High: -1},
		},
	})
}
