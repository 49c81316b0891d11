package train

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// Value is the objective of regression: the mean of the squared distance of an
// output [N] or [N 1] from a standardised target float32 [N].
type Value struct{}

// Name implements Objective.
func (Value) Name() string { return "value" }

// Label implements Objective.
func (Value) Label() string { return "value" }

// LabelType implements Objective.
func (Value) LabelType(batch int, out tensor.Type) tensor.Type {
	return tensor.Type{DType: out.DType, Shape: tensor.Dims(batch)}
}

// Loss implements Objective.
func (Value) Loss(out, label *graph.Node) (loss, right *graph.Node) {
	loss = nn.MSE(ops.Reshape(out, label.Shape()), label)
	return loss, ops.Like(loss, 0)
}
