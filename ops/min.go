package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Min is the smaller of a and b, for numbers; NaN if either is NaN. Where they are equal each has half of the gradient.
func Min(a, b *graph.Node) *graph.Node { return binary(minimum{}, a, b) }

type minimum struct{ binaryRules }

func (minimum) Name() string { return "min" }

// ONNX implements graph.Named.
func (minimum) ONNX() string { return "Min" }

func (minimum) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, numbers) }

func (minimum) Ref(out, in []tensor.Wide) {
	each2(out, in,
		func(x, y float64) float64 { return min(x, y) },
		func(x, y int64) int64 {
			if lessInt(in[0])(y, x) {
				return y
			}
			return x
		})
}

// VJP: g to the smaller, half to each where they are equal.
func (minimum) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	half := Scale(ct[0], 0.5)
	a, b := n.In()[0], n.In()[1]
	share := func(x, y *graph.Node) *graph.Node {
		return Select(Eq(x, y), half, Select(Lt(x, y), ct[0], Like(half, 0)))
	}
	return []*graph.Node{share(a, b), share(b, a)}
}

// Permute implements graph.Permuter.
func (op minimum) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (minimum) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Min(in[0], in[1]), true
}

// Kernel implements graph.Kerneled.
func (minimum) Kernel(in, _ []tensor.Type) *kernel.Code {
	return kernel.Arithmetic(kernel.ArithMin, in[0].DType, in[0].Shape.Size())
}

func init() {
	graph.Register(graph.Entry{
		Op:  minimum{},
		Doc: "min(a, b)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5), tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}, {DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3), tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Int8, Shape: tensor.Dims(64)}, {DType: tensor.Int8, Shape: tensor.Dims(64)}}, Low: -128, High: 128},
			{In: []tensor.Type{{DType: tensor.Int64, Shape: tensor.Dims(16)}, {DType: tensor.Int64, Shape: tensor.Dims(16)}}, Low: -1 << 62, High: 1 << 62},
			{In: []tensor.Type{{DType: tensor.Uint64, Shape: tensor.Dims(16)}, {DType: tensor.Uint64, Shape: tensor.Dims(16)}}, Low: 0, High: 1 << 64},
		},
	})
}
