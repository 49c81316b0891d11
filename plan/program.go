// Package plan turns a graph into a program: instructions in an order, code for
// each, and a place in memory for each value. It decides; it does not compute.
//
// Passes rewrite the graph (dissolve, fold, simplify, layout, absorb), units
// gather the operations that run as one loop (fuse), an order is chosen, values
// that are cheap to compute again are not kept (recompute), and every value gets
// its place (storage, arena). Passes ask operations what they can do and name
// none.
package plan

import (
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Program is a function made ready to run. It is immutable and safe for
// concurrent use: what a run changes lives in the memory that exec gives it.
type Program struct {
	Name      string
	In        []Input
	Out       []Output
	Steps     []Step          // in the order of execution
	Constants []tensor.Tensor // never written
	Arena     int             // bytes of memory for values and scratch, multiples of tensor.Align
	Peak      int             // the most bytes of the arena that are needed in one step
	Local     int             // bytes of scratch that each worker needs
	// Entering is what the body of a loop wants done before its first run; its
	// results are inputs behind those of the function.
	Entering []Entering
}

// Input is a value fed at run time.
type Input struct {
	Label string
	Type  tensor.Type
	// Written says that the run leaves an output in the input's memory.
	Written bool
}

// Output is a value that a run returns.
type Output struct {
	Name string // of the node, may be empty
	Operand
}

// Step is one instruction.
type Step struct {
	Name    string   // of the node it computes, such as the layer; may be empty
	Ops     []string // the operations it computes, in order
	Code    *kernel.Code
	In, Out []Operand
	Shared  Place // scratch of Code.Shared bytes
	Nest    *Nest // the programs that the step runs; nil for an ordinary step
	FLOPs   int64
	Bytes   int64 // read and written at least
}

// Operand is a value as a step reads or writes it.
type Operand struct {
	Type  tensor.Type
	Place Place
	// Value numbers the contents: a step reads exactly what was written under
	// the same number. Two values may share a place at different times.
	Value int
}

// Space says which memory a place lies in.
type Space uint8

// The memories.
const (
	Arena    Space = iota // at Offset of the arena
	Fed                   // the memory of input Index
	Constant              // the memory of constant Index
	Given                 // the memory that the caller of a body gives for output Index
)

// Place is where a value lies.
type Place struct {
	Space  Space
	Index  int // of the input or the constant
	Offset int // in the arena, a multiple of tensor.Align
	Bytes  int
}
