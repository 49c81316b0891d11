package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Sign is -1, 0 or 1 as x is below, at or above 0; NaN stays NaN.
func Sign(x *graph.Node) *graph.Node { return graph.Apply1(sign{}, x) }

type sign struct{ unaryRules }

func (sign) Name() string { return "sign" }

// ONNX implements graph.Named.
func (sign) ONNX() string { return "Sign" }

func (sign) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, numbers) }

func (sign) Ref(out, in []tensor.Wide) {
	each1(out, in, sgn, func(x int64) int64 {
		switch {
		case x == 0:
			return 0
		case x < 0 && !unsigned(in[0]):
			return -1
		}
		return 1
	})
}

// VJP: none, since the result is constant in pieces.
func (sign) VJP(_ []*graph.Node, _ *graph.Inst) []*graph.Node { return []*graph.Node{nil} }

// Permute implements graph.Permuter.
func (op sign) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (sign) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Sign(in[0]), true }

func sgn(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

func init() {
	graph.Register(graph.Entry{
		Op:  sign{},
		Doc: "sign(x)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Int32, Shape: tensor.Dims(9)}}, Low: -9, High: 9},
			{In: []tensor.Type{{DType: tensor.Uint64, Shape: tensor.Dims(4)}}, Low: 0, High: 1 << 64},
		},
	})
}
