package ops_test

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// Three places look to the left alone: with keys that are all alike, each gets
// the mean of the values up to its own.
func ExampleAttention() {
	g := graph.New()
	one := func(v ...float32) *graph.Node { return g.Constant(tensor.From(tensor.Dims(1, 1, 3, 1), v)) }
	q, k, v := one(1, 2, 3), one(1, 1, 1), one(3, 5, 10)
	y := ops.Attention(q, k, v, nil, ops.AttentionDims{Causal: true})
	f, err := graph.NewFunc("example", nil, []*graph.Node{y})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3g\n", graph.Eval(f, nil)[0].F)
	// Output: [3 4 6]
}
