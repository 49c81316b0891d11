package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// GlobalAvgPool is the mean of each channel over all places: [N spatial… C] →
// [N C]. Lin et al., "Network in Network", ICLR 2014, section 3.2.
type GlobalAvgPool struct{}

// Forward implements Layer.
func (GlobalAvgPool) Forward(_ *Ctx, x *graph.Node) *graph.Node {
	return ops.Mean(x, spatialAxes(x)...)
}

// GlobalMaxPool is the largest value of each channel over all places: [N
// spatial… C] → [N C].
type GlobalMaxPool struct{}

// Forward implements Layer.
func (GlobalMaxPool) Forward(_ *Ctx, x *graph.Node) *graph.Node {
	return ops.ReduceMax(x, spatialAxes(x)...)
}

// spatialAxes are all but the first and the last.
func spatialAxes(x *graph.Node) []int {
	var axes []int
	for i := 1; i < x.Shape().Rank()-1; i++ {
		axes = append(axes, i)
	}
	return axes
}

func init() {
	Register(Spec{
		Name: "global-avg-pool",
		Doc:  "the mean of each channel over all places",
		Cite: "Lin et al., 2014",
		New:  func(rng.Stream) Layer { return GlobalAvgPool{} },
		In:   tensor.F32(2, 3, 4, 5),
		Out:  tensor.F32(2, 5),
	})
	Register(Spec{
		Name: "global-max-pool",
		Doc:  "the largest value of each channel over all places",
		New:  func(rng.Stream) Layer { return GlobalMaxPool{} },
		In:   tensor.F32(2, 3, 4, 5),
		Out:  tensor.F32(2, 5),
	})
}
