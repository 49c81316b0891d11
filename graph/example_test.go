package graph_test

import (
	"errors"
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// Example computes the second derivative of sin(x)·x at 0, which is 2·cos(0).
func Example() {
	g := graph.New()
	x := g.Leaf("x", tensor.F32())
	y := ops.Mul(ops.Sin(x), x)
	slope := graph.Grad(y, x)[0]
	bend := graph.Grad(slope, x)[0]
	f, err := graph.NewFunc("bend", []*graph.Node{x}, []*graph.Node{bend})
	if err != nil {
		fmt.Println(err)
		return
	}
	at := tensor.Widen(tensor.Scalar[float32](0))
	fmt.Println(graph.Eval(f, []tensor.Wide{at})[0].F)
	// Output: [2]
}

// ExampleError shows what a model is told whose operands do not fit. Site, the
// line of the model, is left out here.
func ExampleError() {
	g := graph.New()
	x, w := g.Leaf("x", tensor.F32(32, 784)), g.Leaf("w", tensor.F32(783, 10))
	y := ops.ReLU(ops.Linear(x, w, nil))
	_, err := graph.NewFunc("model", []*graph.Node{x, w}, []*graph.Node{y})
	if e := new(graph.Error); errors.As(err, &e) {
		fmt.Println(e.Op, e.In, e.Err)
	}
	// Output: linear [float32[32 784] float32[783 10]] 784 features against weights for 783
}
