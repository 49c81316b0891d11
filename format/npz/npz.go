// Package npz reads and writes NumPy's files of arrays: .npy, one array (NEP 1),
// and .npz, a zip archive with one .npy file an array. Such files hold bool,
// integers and floats here; Python objects, which can run code, and texts are
// refused by name. Reading trusts nothing: an archive is checked as a whole
// before anything is unpacked, and every size against the bytes there are before
// memory is taken for it.
package npz

import (
	"fmt"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

// Named is an array and its name in an archive, without the suffix .npy.
type Named struct {
	Name   string
	Tensor tensor.Tensor
}

// Limits bounds what a file can make the reader do. A zero field means the
// default in its comment.
type Limits struct {
	Bytes   int64 // of all arrays, unpacked: 50 GiB
	Entries int   // of an archive: 100,000
	Ratio   int64 // unpacked to packed bytes of an archive or of an entry above 1 MiB: 200
}

func (l Limits) withDefaults() Limits {
	if l.Bytes <= 0 {
		l.Bytes = 50 << 30
	}
	if l.Entries <= 0 {
		l.Entries = 100_000
	}
	if l.Ratio <= 0 {
		l.Ratio = 200
	}
	return l
}

func (l Limits) archive() media.Limits {
	return media.Limits{Bytes: l.Bytes, Entries: l.Entries, Ratio: l.Ratio}
}

// suffix is what names of entries have behind the names of arrays.
const suffix = ".npy"

// bad is the error of a file that breaks the rules, at an offset of it.
func bad(format string, offset int64, reason string, args ...any) error {
	return &media.FormatError{Format: format, Offset: offset, Reason: fmt.Sprintf(reason, args...)}
}
