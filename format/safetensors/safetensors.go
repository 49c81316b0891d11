// Package safetensors reads and writes files of named tensors in the format of
// the same name (huggingface/safetensors): 8 bytes with the length of a header,
// the header in JSON, the elements, little-endian. Such a file holds data and
// never code. Reading trusts nothing: every length, shape and offset is checked
// against the size of the file before anything is allocated for it.
package safetensors

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/ihae/ihae/tensor"
)

// Named is a tensor and its name.
type Named struct {
	Name   string
	Tensor tensor.Tensor
}

// A FormatError says which rule of the format a file breaks, at which tensor
// (empty when the file as a whole is meant) and at which byte of the file.
type FormatError struct {
	Tensor string
	Offset int64
	Reason string
}

// Error names the tensor, the place and the reason.
func (e *FormatError) Error() string {
	if e.Tensor == "" {
		return fmt.Sprintf("safetensors: byte %d: %s", e.Offset, e.Reason)
	}
	return fmt.Sprintf("safetensors: byte %d: tensor %q: %s", e.Offset, e.Tensor, e.Reason)
}

func bad(tensor string, offset int64, reason string, args ...any) error {
	return &FormatError{tensor, offset, fmt.Sprintf(reason, args...)}
}

// Limits bounds what a file can make the reader do. A zero field means the
// default in its comment.
type Limits struct {
	Header  int64 // bytes of the header: 100,000,000
	Tensors int   // 1,000,000
}

func (l Limits) withDefaults() Limits {
	if l.Header <= 0 {
		l.Header = 100_000_000
	}
	if l.Tensors <= 0 {
		l.Tensors = 1_000_000
	}
	return l
}

// maxAxes is the limit of the format; tensor.MaxRank, ours, is lower.
const maxAxes = 16

// metadataKey is the header's entry that is no tensor.
const metadataKey = "__metadata__"

// dtypes is the format's names of element types. Of F4 two elements share a byte,
// the first in its low bits. The format also has F6_E2M3, F6_E3M2 and C64, which
// are not read.
var dtypes = map[string]tensor.DType{
	"F8_E4M3": tensor.Float8E4M3FN, "F8_E5M2": tensor.Float8E5M2, "F8_E8M0": tensor.Float8E8M0, "F4": tensor.Float4E2M1,
	"F8_E4M3FNUZ": tensor.Float8E4M3FNUZ, "F8_E5M2FNUZ": tensor.Float8E5M2FNUZ,
	"F64": tensor.Float64, "F32": tensor.Float32, "F16": tensor.Float16, "BF16": tensor.BFloat16,
	"I64": tensor.Int64, "I32": tensor.Int32, "I16": tensor.Int16, "I8": tensor.Int8,
	"U64": tensor.Uint64, "U32": tensor.Uint32, "U16": tensor.Uint16, "U8": tensor.Uint8,
	"BOOL": tensor.Bool,
}

func nameOf(d tensor.DType) (string, error) {
	for name, t := range dtypes {
		if t == d {
			return name, nil
		}
	}
	return "", fmt.Errorf("safetensors: the format has no %v", d)
}

// swapToHost reverses the bytes of each element where this machine is not
// little-endian; it serves reading and writing.
func swapToHost(b []byte, size int) {
	if size < 2 || binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return
	}
	for e := range slices.Chunk(b, size) {
		slices.Reverse(e)
	}
}
