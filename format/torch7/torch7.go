// Package torch7 reads files of Torch7's torch.save (.t7, .net), binary with
// longs of 64 or 32 bits and ascii, and turns networks of its package nn into
// ONNX models. A file is one Lua value (torch/torch7, File.lua): numbers,
// strings, tables, tensors, and objects by the name of their class, of which
// only the fields are read. Functions in a file are skipped, never run.
package torch7

import (
	"fmt"

	"github.com/ihae/ihae/format/safetensors"
	"github.com/ihae/ihae/tensor"
)

// The values of a file are nil, bool, float64, string, *[Table], *[Module],
// *[Storage], *[Tensor] and *[Function]. A value may stand in many places, and
// in itself.

// Named is a tensor and its name.
type Named = safetensors.Named

// Module is an object of a class of Torch.
type Module struct {
	Class   string // nn.Linear
	Version string // of the class: 1; empty in the oldest files
	Fields  *Table
}

// Function is a function, of which nothing is kept.
type Function struct{}

// Storage is the elements that tensors are views of.
type Storage struct {
	DType tensor.DType
	Len   int
	data  []byte // little-endian
}

// Tensor is a view of a storage.
type Tensor struct {
	Type    tensor.Type // without elements in Torch: of shape [0]
	Storage *Storage
	offset  int
	strides []int
}

// A FormatError says what is wrong with a file, at which byte of it, and where in
// the value that it holds.
type FormatError struct {
	Offset int64
	Path   string // modules.1.weight; empty at the root
	Reason string
}

// Error names the place and the reason.
func (e *FormatError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("torch7: byte %d: %s", e.Offset, e.Reason)
	}
	return fmt.Sprintf("torch7: byte %d: %s: %s", e.Offset, e.Path, e.Reason)
}

// Limits bounds what a file can make the reader do. A zero field means the
// default in its comment.
type Limits struct {
	Depth  int   // of tables in tables: 2,000
	Memory int64 // bytes of the values without what is mapped, and of all tensors: 16 MiB and twice the file
}

func (l Limits) withDefaults(size int) Limits {
	if l.Depth <= 0 {
		l.Depth = 2000
	}
	if l.Memory <= 0 {
		l.Memory = 16<<20 + 2*int64(size)
	}
	return l
}
