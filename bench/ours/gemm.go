package main

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// Products of two n by n matrices.
func init() {
	for _, n := range []int{256, 384, 512, 768, 1024, 1536, 2048} {
		name := fmt.Sprintf("gemm-%d", n)
		add(name, func(b *bench) error {
			g := graph.New()
			x, y := g.Leaf("a", tensor.F32(n, n)), g.Leaf("b", tensor.F32(n, n))
			return b.function(name, []*graph.Node{x, y}, []*graph.Node{ops.MatMul(x, y)}, 2*float64(n)*float64(n)*float64(n))
		})
	}
}
