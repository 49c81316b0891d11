package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
)

// Mean is the mean of floating-point x over axes, which the result does not
// have; all axes if none is named. The mean of nothing is NaN.
func Mean(x *graph.Node, axes ...int) *graph.Node {
	if !x.DType().Float() {
		x.Graph().Fail("mean", fmt.Errorf("%v is not floating-point; convert it", x.Type()))
	}
	sum := ReduceSum(x, axes...)
	return Scale(sum, float64(max(sum.Shape().Size(), 1))/float64(x.Shape().Size()))
}
