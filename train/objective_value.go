package train

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// Value is the objective of regression: the mean of the squared distance of an
// output [N] or [N 1] from a standardised target float32 [N].
type Value struct {
	Huber float64 // 0: squares throughout; else the distance beyond which it counts itself, see nn.Huber
}

// Name implements Objective.
func (Value) Name() string { return "value" }

// Label implements Objective.
func (Value) Label() string { return "value" }

// LabelType implements Objective.
func (Value) LabelType(batch int, out tensor.Type) tensor.Type {
	return tensor.Type{DType: out.DType, Shape: tensor.Dims(batch)}
}

// Loss implements Objective.
func (o Value) Loss(out, label *graph.Node) (loss, right *graph.Node) {
	out = ops.Reshape(out, label.Shape())
	if o.Huber > 0 {
		loss = nn.Huber(out, label, o.Huber)
	} else {
		loss = nn.MSE(out, label)
	}
	return loss, ops.Like(loss, 0)
}
