package exec_test

import (
	"context"
	"fmt"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// Example plans a layer once and calls it; any number of goroutines may.
func Example() {
	g := graph.New()
	x, w := g.Leaf("x", tensor.F32(2, 3)), g.Leaf("w", tensor.F32(3, 2))
	f, err := graph.NewFunc("layer", []*graph.Node{x, w}, []*graph.Node{ops.ReLU(ops.MatMul(x, w))})
	if err != nil {
		fmt.Println(err)
		return
	}
	pool := exec.NewPool(2)
	defer pool.Close()
	layer, err := exec.Compile(f, pool, plan.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := layer.Call(context.Background(),
		tensor.From(tensor.Dims(2, 3), []float32{1, 2, 3, -1, -2, -3}),
		tensor.From(tensor.Dims(3, 2), []float32{1, 0, 0, 1, 1, -1}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(out[0].Shape(), out[0].Floats())
	// Output: [2 2] [4 0 0 1]
}
