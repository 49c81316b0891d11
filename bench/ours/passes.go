package main

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/tensor"
)

// Passes over 8 MB: 2,048 rows of 1,024.
func init() {
	rows := tensor.F32(2048, 1024)
	for _, p := range []struct {
		name string
		f    func(x *graph.Node) *graph.Node
	}{
		{"gelu", ops.GELU},
		{"exp", ops.Exp},
		{"tanh", ops.Tanh},
		{"softmax", func(x *graph.Node) *graph.Node { return ops.Softmax(x, -1) }},
	} {
		add("pass-"+p.name, func(b *bench) error {
			x := graph.New().Leaf("x", rows)
			return b.function("pass-"+p.name, []*graph.Node{x}, []*graph.Node{p.f(x)}, 0)
		})
	}
	add("pass-layernorm", func(b *bench) error {
		g := graph.New()
		x, scale, bias := g.Leaf("x", rows), g.Leaf("scale", tensor.F32(1024)), g.Leaf("bias", tensor.F32(1024))
		y, _, _ := ops.Normalize(x, scale, bias, ops.NormDims{Axes: ops.List(1), Eps: 1e-5})
		return b.function("pass-layernorm", []*graph.Node{x, scale, bias}, []*graph.Node{y}, 0)
	})
	add("pass-adam", func(b *bench) error {
		g := graph.New()
		step := optim.Step{
			Param: g.Leaf("param", rows), Grad: g.Leaf("grad", rows),
			Slots: []*graph.Node{g.Leaf("zero m", rows), g.Leaf("zero v", rows)},
			LR:    g.Leaf("lr", tensor.F32()), Count: g.Leaf("count", tensor.F32()),
		}
		next, slots := optim.AdamW{}.Update(step)
		in := append([]*graph.Node{step.Param, step.Grad}, append(step.Slots, step.LR, step.Count)...)
		return b.function("pass-adam", in, append([]*graph.Node{next}, slots...), 0, [2]int{0, 0}, [2]int{1, 2}, [2]int{2, 3})
	})
}
