// Package kernel is the inner loops: a plain form of each, which is its
// definition in float32, and faster forms in assembly chosen at start by what
// the processor can do. It holds no threads and allocates nothing when it
// runs: it cuts work into pieces and computes one piece when told to.
package kernel

import "unsafe"

// Memory is the bytes of one operand, aligned to 64.
type Memory []byte

// F32 sees m as float32 elements.
func (m Memory) F32() []float32 { return see[float32](m) }

// I32 sees m as int32 elements.
func (m Memory) I32() []int32 { return see[int32](m) }

// I64 sees m as int64 elements.
func (m Memory) I64() []int64 { return see[int64](m) }

// U32 sees m as uint32 elements.
func (m Memory) U32() []uint32 { return see[uint32](m) }

func see[T any](m Memory) []T {
	var v T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(m))), len(m)/int(unsafe.Sizeof(v)))
}

// Args is the operands of one run of a Code.
type Args struct {
	In, Out []Memory
	Shared  Memory // Code.Shared bytes, kept from phase to phase of one run, undefined at its start
}

// Phase is one step of a Code. Its pieces may run in any order and on any
// worker: they write to disjoint memory.
type Phase struct {
	// Pieces depends on the sizes alone, never on the number of workers, so
	// that results have the same bits however the pieces are spread.
	Pieces int
	// Work is about how many nanoseconds all pieces take on one core. The
	// executor uses it to decide whether waking other workers pays.
	Work int
	// Run computes one piece. local is the worker's own scratch of Code.Local
	// bytes, undefined at the start of each piece.
	Run func(a *Args, piece int, local Memory)
}

// Code is an operation made ready for operands of known types: phases that run
// one after another. It is immutable and safe for concurrent use.
type Code struct {
	Phases []Phase
	Shared int // bytes of Args.Shared
	Local  int // bytes of each worker's scratch
	Ahead  *Ahead
}

// Ahead is what part of a Code can be done once, when a program is built, if one
// of its operands is known by then: weights are packed in the way the tiles read
// them.
type Ahead struct {
	Operand int   // its number
	Bytes   int   // what becomes of it
	Prepare *Code // reads the operand, at its number, and makes these bytes of its Shared
	Code    *Code // does the rest; takes these bytes in the place of the operand
}

// aheadOf is c's Ahead: phases, which read operand 1 alone and write the first
// bytes of Shared, are done ahead, and the rest is code that finds these bytes in
// operand 1.
func aheadOf(phases []Phase, bytes int, rest *Code) *Ahead {
	return &Ahead{Operand: 1, Bytes: bytes, Prepare: &Code{Phases: phases, Shared: bytes}, Code: rest}
}

// Serial is a Code of a single piece.
func Serial(work int, run func(a *Args)) *Code {
	return &Code{Phases: []Phase{{Pieces: 1, Work: work, Run: func(a *Args, _ int, _ Memory) { run(a) }}}}
}
