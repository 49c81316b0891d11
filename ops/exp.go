package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Exp is eˣ.
func Exp(x *graph.Node) *graph.Node { return graph.Apply1(exp{}, x) }

type exp struct{ unaryRules }

func (exp) Name() string { return "exp" }

// ONNX implements graph.Named.
func (exp) ONNX() string { return "Exp" }

func (exp) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (exp) Ref(out, in []tensor.Wide) { each1(out, in, math.Exp, nil) }

// VJP: g·y.
func (exp) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Mul(ct[0], n.Out()[0])}
}

// Permute implements graph.Permuter.
func (op exp) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (exp) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Exp(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  exp{},
		Doc: "exp(x)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -100, High: -80},
			{In: []tensor.Type{tensor.F32(64)}, Low: 60, High: 80, Tol: 1e-5},
		},
	})
}
