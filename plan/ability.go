package plan

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Plans ask operations what follows beside the abilities of package graph.

// Strided is an Op of one operand whose only result has, at index i, the
// operand's element at offset Σ iₐ·Strides(in)[a]: a broadcast, a transposition.
// Loops that compute elementwise chains read through it without storing it.
type Strided interface {
	graph.Op
	// Strides is the operand's stride along each axis of the result, in
	// elements; 0 where the operand repeats. in is the operand's shape.
	Strides(in tensor.Shape) [tensor.MaxRank]int
}

// Transposer is an Op that permutes the axes of its one operand and does
// nothing else. The layout pass moves it until it meets its inverse.
type Transposer interface {
	graph.Op
	// Permutation says which axis of the operand each axis of the result is.
	Permutation() []int
	// WithPermutation is the same operation with another permutation.
	WithPermutation(perm []int) graph.Op
}

// Folding is an Op that folds axes of its one operand into its only result. A
// loop that computes the operand folds it at once instead of storing it.
type Folding interface {
	graph.Op
	// Fold is how the operand, of type in, is folded; ok is false if no kernel
	// does it.
	Fold(in tensor.Type) (s kernel.ReduceSpec, ok bool)
}
