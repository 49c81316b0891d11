package export

import (
	"fmt"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
)

// BatchName is the size that stands for a batch's in a model of any batch.
const BatchName = "N"

// The sizes at which a model of any batch is written: other sizes of a network
// are seldom these.
const (
	firstBatch  = 37
	secondBatch = 41
)

// Batched writes a function that build makes for a batch of any size as a model
// for batches of any size. It is written at two sizes. The two must be the same but
// for constants of sizes and places, which become values computed from the size of
// the first axis of an input; that axis, and others of inputs and outputs that have
// its size, are called [BatchName].
func Batched(build func(batch int) (*graph.Func, Spec, error)) (*onnx.Model, error) {
	var models [2]*onnx.Model
	for i, batch := range []int{firstBatch, secondBatch} {
		f, s, err := build(batch)
		if err != nil {
			return nil, err
		}
		if models[i], err = Func(f, s); err != nil {
			return nil, err
		}
	}
	a, b := models[0], models[1]
	j := newJoint(a.Graph, b.Graph)
	if err := j.graphs(a.Graph, b.Graph); err != nil {
		return nil, fmt.Errorf("onnx: a model of any batch: %w", err)
	}
	j.finish()
	return a, a.Check()
}

// affine is a number that depends on the batch: factor·N + rest.
type affine struct{ factor, rest int64 }

// between is the number that is a at the first batch and b at the second.
func between(a, b int64) (n affine, ok bool) {
	const step = secondBatch - firstBatch
	n.factor = (b - a) / step
	n.rest = a - n.factor*firstBatch
	return n, n.factor*step == b-a
}

// isBatch says whether n is the batch itself.
func (n affine) isBatch() bool { return n == affine{1, 0} }
