package ops

import "github.com/ihae/ihae/graph"

// Mean is the mean of x over axes, which the result does not have; all axes if
// none is named. The mean of nothing is NaN.
func Mean(x *graph.Node, axes ...int) *graph.Node {
	sum := ReduceSum(x, axes...)
	return Scale(sum, float64(max(sum.Shape().Size(), 1))/float64(x.Shape().Size()))
}
