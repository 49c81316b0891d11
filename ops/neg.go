package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Neg is -x, for numbers; integers wrap around.
func Neg(x *graph.Node) *graph.Node { return graph.Apply1(neg{}, x) }

type neg struct{}

func (neg) Name() string { return "neg" }

func (neg) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, numbers) }

func (neg) Ref(out, in []tensor.Wide) {
	each1(out, in,
		func(x float64) float64 { return -x },
		func(x int64) int64 { return -x })
}

// VJP: -g.
func (neg) VJP(ct []*graph.Node, _ *graph.Inst) []*graph.Node { return []*graph.Node{Neg(ct[0])} }
