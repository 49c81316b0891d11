package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Add is a + b, for numbers; integers wrap around.
func Add(a, b *graph.Node) *graph.Node { return binary(add{}, a, b) }

type add struct{}

func (add) Name() string { return "add" }

func (add) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 2, numbers) }

func (add) Ref(out, in []tensor.Wide) {
	each2(out, in,
		func(x, y float64) float64 { return x + y },
		func(x, y int64) int64 { return x + y })
}

// VJP: (g, g).
func (add) VJP(ct []*graph.Node, _ *graph.Inst) []*graph.Node {
	return []*graph.Node{ct[0], ct[0]}
}
