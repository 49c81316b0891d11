package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Neg is -x, for numbers; integers wrap around.
func Neg(x *graph.Node) *graph.Node { return graph.Apply1(neg{}, x) }

type neg struct{ unaryRules }

func (neg) Name() string { return "neg" }

// ONNX implements graph.Named.
func (neg) ONNX() string { return "Neg" }

func (neg) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, numbers) }

func (neg) Ref(out, in []tensor.Wide) {
	each1(out, in, func(x float64) float64 { return -x }, func(x int64) int64 { return -x })
}

// VJP: -g.
func (neg) VJP(ct []*graph.Node, _ *graph.Inst) []*graph.Node {
	return []*graph.Node{Neg(ct[0])}
}

// Simplify: -(-x) is x.
func (neg) Simplify(n *graph.Inst) []*graph.Node {
	if y := n.In()[0]; isOp[neg](y) {
		return y.In()[:1]
	}
	return foldFills(n)
}

// Permute implements graph.Permuter.
func (op neg) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (neg) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Neg(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  neg{},
		Doc: "-x",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Int8, Shape: tensor.Dims(9)}}, Low: -128, High: 128},
			{In: []tensor.Type{{DType: tensor.Uint64, Shape: tensor.Dims(4)}}, Low: 0, High: 1 << 64},
		},
	})
}
