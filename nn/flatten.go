package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Flatten makes one axis of all axes but the first: [N …] → [N D].
type Flatten struct{}

// Forward implements Layer.
func (Flatten) Forward(_ *Ctx, x *graph.Node) *graph.Node {
	s := x.Shape()
	return ops.Reshape(x, tensor.Dims(s.Dim(0), s.Size()/max(s.Dim(0), 1)))
}

func init() {
	Register(Spec{
		Name: "flatten",
		Doc:  "one axis of all axes but the first",
		New:  func(rng.Stream) Layer { return Flatten{} },
		In:   tensor.F32(2, 3, 2, 2),
		Out:  tensor.F32(2, 12),
	})
}
