package train

import (
	"fmt"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// Class is the objective of classifiers: cross-entropy of logits [N K] against
// labels int32 [N], in nats. A zero field means the value in its comment.
type Class struct {
	Smoothing float64   // 0: of the labels
	Focal     float64   // 0: the gamma of focal loss, which has no smoothing
	Weights   []float64 // 1 for all: what an example of each class counts; with a mean of 1 over the data, the loss keeps its size
}

// Name implements Objective.
func (Class) Name() string { return "class" }

// Label implements Objective.
func (Class) Label() string { return data.FieldLabel }

// LabelType implements Objective.
func (Class) LabelType(batch int, _ tensor.Type) tensor.Type { return classLabels(batch) }

func classLabels(batch int) tensor.Type {
	return tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(batch)}
}

// Loss implements Objective. Right answers are counted without the weights.
func (o Class) Loss(logits, label *graph.Node) (loss, right *graph.Node) {
	return ops.Mean(o.each(logits, label), 0), ops.ReduceSum(hits(logits, label), 0)
}

// MixedLoss implements Mixing.
func (o Class) MixedLoss(logits, label, other, share *graph.Node) (loss, right *graph.Node) {
	rest := ops.Sub(ops.Like(share, 1), share)
	each := ops.Add(ops.Mul(o.each(logits, label), share), ops.Mul(o.each(logits, other), rest)) // [N]
	hit := ops.Select(ops.Ge(share, ops.Like(share, 0.5)), hits(logits, label), hits(logits, other))
	return ops.Mean(each, 0), ops.ReduceSum(hit, 0)
}

// each is the loss of each example, [N].
func (o Class) each(logits, label *graph.Node) *graph.Node {
	each := ops.CrossEntropy(logits, label, o.Smoothing)
	if o.Focal > 0 {
		each = nn.FocalEach(logits, label, o.Focal)
	}
	if o.Weights == nil {
		return each
	}
	return ops.Mul(each, o.weight(logits.Graph(), label))
}

// weight is what each example counts, [N].
func (o Class) weight(g *graph.Graph, label *graph.Node) *graph.Node {
	w := tensor.New(tensor.F32(len(o.Weights)))
	for i, v := range o.Weights {
		w.Floats()[i] = float32(v)
	}
	return ops.Take(g.Constant(w), label, 0)
}

// hits is 1 for each label that has the largest logit, [N].
func hits(logits, label *graph.Node) *graph.Node {
	return ops.Convert(ops.Eq(ops.ArgMax(logits, -1), label), tensor.Float32)
}

func (o Class) check() error {
	if !(o.Smoothing >= 0 && o.Smoothing < 1) {
		return &ConfigError{"smoothing", fmt.Sprintf("want 0 or more and less than 1, got %v", o.Smoothing)}
	}
	if o.Focal != 0 && (!(o.Focal >= 1) || o.Smoothing > 0) {
		return &ConfigError{"focal", fmt.Sprintf("want 0, or at least 1 without smoothing, got %v with smoothing %v", o.Focal, o.Smoothing)}
	}
	return nil
}
