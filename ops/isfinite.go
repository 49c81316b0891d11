package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// IsFinite is true where x is neither infinite nor NaN.
func IsFinite(x *graph.Node) *graph.Node { return graph.Apply1(isFinite{}, x) }

type isFinite struct{}

func (isFinite) Name() string { return "is-finite" }

// Export implements graph.Exporter.
func (isFinite) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{x.Add("Not", []string{x.Add("Or", []string{x.Add("IsNaN", in), x.Add("IsInf", in)})})}
}

func (isFinite) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 1, floats); err != nil {
		return nil, err
	}
	return []tensor.Type{{DType: tensor.Bool, Shape: in[0].Shape}}, nil
}

func (isFinite) Ref(out, in []tensor.Wide) {
	for j, x := range in[0].F {
		out[0].I[j] = 0
		if math.Abs(x) <= math.MaxFloat64 {
			out[0].I[j] = 1
		}
	}
}

// Simplify implements graph.Simplifier.
func (isFinite) Simplify(n *graph.Inst) []*graph.Node { return foldFills(n) }

// Permute implements graph.Permuter.
func (op isFinite) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise: NaN compares false with everything.
func (isFinite) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Le(e.Abs(in[0]), e.Imm(math.MaxFloat32)), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  isFinite{},
		Doc: "|x| < ∞",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -6e38, High: 6e38}, // some round to infinity
			{In: []tensor.Type{tensor.F32(0, 5)}, Low: -3, High: 3},
		},
	})
}
