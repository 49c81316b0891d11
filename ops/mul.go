package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Mul is a·b, for numbers; integers wrap around.
func Mul(a, b *graph.Node) *graph.Node { return binary(mul{}, a, b) }

type mul struct{}

func (mul) Name() string { return "mul" }

func (mul) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, numbers) }

func (mul) Ref(out, in []tensor.Wide) {
	each2(out, in,
		func(x, y float64) float64 { return x * y },
		func(x, y int64) int64 { return x * y })
}

// VJP: (g·b, g·a).
func (mul) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Mul(ct[0], n.In()[1]), Mul(ct[0], n.In()[0])}
}
