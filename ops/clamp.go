package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Clamp is x held between low and high; NaN stays NaN, and the slope at both
// ends is 1.
func Clamp(x *graph.Node, low, high float64) *graph.Node {
	return graph.Apply1(clamp{Low: low, High: high}, x)
}

type clamp struct {
	unaryRules
	Low, High float64
}

func (clamp) Name() string { return "clamp" }

// Export implements graph.Exporter.
func (op clamp) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	t := n.InTypes()[0]
	low, high := "", ""
	if !t.DType.Float() {
		op.Low, op.High = math.Ceil(op.Low), math.Floor(op.High)
	}
	if op.Low > math.Inf(-1) {
		low = x.Constant(scalarOf(t.DType, op.Low))
	}
	if op.High < math.Inf(1) {
		high = x.Constant(scalarOf(t.DType, op.High))
	}
	return []string{x.Add("Clip", []string{in[0], low, high})}
}

func (op clamp) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if !(op.Low <= op.High) {
		return nil, fmt.Errorf("nothing lies between %v and %v", op.Low, op.High)
	}
	return same(in, 1, numbers)
}

func (op clamp) Ref(out, in []tensor.Wide) {
	d, less := in[0].Type.DType, lessInt(in[0])
	low, high := toWhole(math.Ceil(op.Low), d), toWhole(math.Floor(op.High), d)
	each1(out, in,
		func(x float64) float64 { return min(max(x, op.Low), op.High) },
		func(x int64) int64 {
			switch {
			case less(high, x):
				return high
			case less(x, low):
				return low
			}
			return x
		})
}

// VJP: g where low ≤ x ≤ high.
func (op clamp) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	inside := And(Ge(x, Like(x, op.Low)), Le(x, Like(x, op.High)))
	return []*graph.Node{Select(inside, ct[0], Like(ct[0], 0))}
}

// Permute implements graph.Permuter.
func (op clamp) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (op clamp) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Min(e.Max(in[0], e.Imm(float32(op.Low))), e.Imm(float32(op.High))), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  clamp{Low: -1, High: 2},
		Doc: "min(max(x, low), high)",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 5)}, Low: -3, High: 3},
			{Of: clamp{Low: -1.5, High: 2.5}, In: []tensor.Type{{DType: tensor.Int8, Shape: tensor.Dims(64)}}, Low: -9, High: 9},
			{Of: clamp{Low: -1, High: 1 << 63}, In: []tensor.Type{{DType: tensor.Uint64, Shape: tensor.Dims(64)}}, Low: 0, High: 1 << 64},
		},
	})
}
