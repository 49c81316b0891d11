package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Sub is a - b, for numbers; integers wrap around.
func Sub(a, b *graph.Node) *graph.Node { return binary(sub{}, a, b) }

type sub struct{}

func (sub) Name() string { return "sub" }

func (sub) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, numbers) }

func (sub) Ref(out, in []tensor.Wide) {
	each2(out, in,
		func(x, y float64) float64 { return x - y },
		func(x, y int64) int64 { return x - y })
}

// VJP: (g, -g).
func (sub) VJP(ct []*graph.Node, _ *graph.Inst) []*graph.Node {
	return []*graph.Node{ct[0], Neg(ct[0])}
}
