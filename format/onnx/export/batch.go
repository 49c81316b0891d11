package export

import (
	"fmt"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
)

// BatchName is the size that stands for a batch's in a model of any batch.
const BatchName = "N"

// batches is the sizes at which a model of any batch is written: other sizes of a
// network are seldom these. Two say how a number depends on the batch, the third
// whether it does so.
var batches = [3]int{37, 41, 53}

// Batched writes a function that build makes for a batch of any size as a model
// for batches of any size. It is written at three sizes. The three must be the same
// but for constants of sizes and places, which become values computed from the size
// of the first axis of an input; that axis, and others of inputs and outputs that
// have its size, are called [BatchName].
func Batched(build func(batch int) (*graph.Func, Spec, error)) (*onnx.Model, error) {
	var models [len(batches)]*onnx.Model
	for i, batch := range batches {
		f, s, err := build(batch)
		if err != nil {
			return nil, err
		}
		if models[i], err = Func(f, s); err != nil {
			return nil, err
		}
	}
	var g three[*onnx.Graph]
	for i, m := range models {
		g[i] = m.Graph
	}
	j := newJoint(g)
	if err := j.graphs(g); err != nil {
		return nil, fmt.Errorf("onnx: a model of any batch: %w", err)
	}
	j.finish()
	return models[0], models[0].Check()
}

// three is the same at each of the sizes.
type three[T any] = [len(batches)]T

// at is the element of that place of each of three lists.
func at[T any](lists three[[]T], i int) (y three[T]) {
	for k, list := range lists {
		y[k] = list[i]
	}
	return y
}

// of is what f makes of each.
func of[T, U any](x three[T], f func(T) U) (y three[U]) {
	for k, v := range x {
		y[k] = f(v)
	}
	return y
}

// affine is a number that depends on the batch: factor·N + rest.
type affine struct{ factor, rest int64 }

// between is the number that is v at the sizes; ok is false if there is none.
func between(v three[int64]) (n affine, ok bool) {
	n.factor = (v[1] - v[0]) / int64(batches[1]-batches[0])
	n.rest = v[0] - n.factor*int64(batches[0])
	for i, batch := range batches {
		if n.factor*int64(batch)+n.rest != v[i] {
			return n, false
		}
	}
	return n, true
}

// isBatch says whether n is the batch itself.
func (n affine) isBatch() bool { return n == affine{1, 0} }
