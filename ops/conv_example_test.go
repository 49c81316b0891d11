package ops_test

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// A difference of neighbours is a convolution with the filter [-1 1].
func ExampleConv() {
	g := graph.New()
	x := g.Constant(tensor.From(tensor.Dims(1, 5, 1), []float32{1, 4, 9, 16, 25})) // [N W C]
	w := g.Constant(tensor.From(tensor.Dims(2, 1, 1), []float32{-1, 1}))           // [W C K]
	y := ops.Conv(x, w, nil, ops.ConvDims{})
	f, err := graph.NewFunc("differences", nil, []*graph.Node{y})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y.Shape(), graph.Eval(f, nil)[0].F)
	// Output: [1 4 1] [3 5 7 9]
}
