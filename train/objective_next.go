package train

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// Next is the objective of language models: cross-entropy of logits [N L V]
// against the next tokens int32 [N L], in nats, as the mean over all places
// whose label is not -1.
type Next struct{}

// Name implements Objective.
func (Next) Name() string { return "next" }

// Label implements Objective.
func (Next) Label() string { return "next" }

// LabelType implements Objective.
func (Next) LabelType(_ int, out tensor.Type) tensor.Type {
	dims := out.Shape.Dims()
	return tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(dims[:len(dims)-1]...)}
}

// Loss implements Objective. Right answers are counted in examples: the share
// of the right places, times N.
func (Next) Loss(out, label *graph.Node) (loss, right *graph.Node) {
	n, places, v := label.Shape().Dim(0), label.Shape().Size(), out.Shape().Dim(-1)
	logits := ops.Reshape(out, tensor.Dims(places, v)) // [N·L V]
	tokens := ops.Reshape(label, tensor.Dims(places))  // [N·L]
	known := ops.Ge(tokens, ops.Like(tokens, 0))       // [N·L]
	each := ops.CrossEntropy(logits, ops.Max(tokens, ops.Like(tokens, 0)), 0)
	mask := ops.Convert(known, each.Type().DType)
	count := ops.ReduceSum(mask, 0)
	count = ops.Max(count, ops.Like(count, 1))
	loss = ops.Div(ops.ReduceSum(ops.Mul(each, mask), 0), count)
	// A label of -1 is no token's number, so it is never hit.
	return loss, ops.Scale(ops.Div(ops.ReduceSum(hits(logits, tokens), 0), count), float64(n))
}
