package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// RoundScale is x as elements of [tensor.Float8E8M0], each the power of two above,
// below or nearest to it: see [tensor.ScaleFromFloat].
func RoundScale(x *graph.Node, how tensor.Rounding) *graph.Node {
	return graph.Apply1(roundScale{how}, x)
}

type roundScale struct{ How tensor.Rounding }

func (roundScale) Name() string { return "round-scale" }

// Export implements graph.Exporter: from opset 24 on.
func (op roundScale) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	if x.Opset() < 24 {
		return x.Unsupported("round-scale before opset 24", 1)
	}
	how := map[tensor.Rounding]string{tensor.Nearest: "nearest", tensor.Up: "up", tensor.Down: "down"}[op.How]
	return []string{x.Add("Cast", in, graph.Attribute{Name: "to", Value: tensor.Float8E8M0}, graph.Attribute{Name: "round_mode", Value: how})}
}

func (op roundScale) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 1, floats); err != nil {
		return nil, err
	}
	if op.How > tensor.Down {
		return nil, fmt.Errorf("no such rounding")
	}
	return []tensor.Type{{DType: tensor.Float8E8M0, Shape: in[0].Shape}}, nil
}

func (op roundScale) Ref(out, in []tensor.Wide) {
	codes := make([]byte, len(in[0].F))
	for j, x := range in[0].F {
		codes[j] = tensor.ScaleFromFloat(x, op.How)
	}
	out[0].Load(codes)
}

// Simplify implements graph.Simplifier.
func (roundScale) Simplify(n *graph.Inst) []*graph.Node { return foldFills(n) }

// Permute implements graph.Permuter.
func (op roundScale) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

func init() {
	graph.Register(graph.Entry{
		Op:  roundScale{tensor.Nearest},
		Doc: "the power of two next to x, as float8e8m0",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: 0.1, High: 9},
			{Of: roundScale{tensor.Up}, In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(64)}}, Low: 1e-40, High: 3e-38},
			{Of: roundScale{tensor.Down}, In: []tensor.Type{tensor.F32(64)}, Low: 1, High: 1e30},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: 1, High: 2},
		},
	})
}
