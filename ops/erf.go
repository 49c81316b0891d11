package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Erf is the error function, 2/√π times the integral of exp(-t²) from 0 to x.
func Erf(x *graph.Node) *graph.Node { return graph.Apply1(erf{}, x) }

type erf struct{ unaryRules }

func (erf) Name() string { return "erf" }

// ONNX implements graph.Named.
func (erf) ONNX() string { return "Erf" }

func (erf) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (erf) Ref(out, in []tensor.Wide) { each1(out, in, math.Erf, nil) }

// VJP: g·exp(-x²)·2/√π.
func (erf) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	return []*graph.Node{Scale(Mul(ct[0], Exp(Neg(Mul(x, x)))), 2/math.Sqrt(math.Pi))}
}

// Permute implements graph.Permuter.
func (op erf) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (erf) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Erf(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  erf{},
		Doc: "erf(x)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -2, High: 2},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -2, High: 2},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -2, High: 2},
			{In: []tensor.Type{tensor.F32(64)}, Low: -9, High: 9},
		},
	})
}
