// Package torch reads the files of PyTorch's torch.save, .pt, .pth, .th and
// .bin, without executing anything: the zip form (since PyTorch 1.6), the form
// before it, and the weights of TorchScript archives. What is in a file is a
// pickle that names its tensors' storages and how to view them; package pickle
// reads it strictly, so that a name that is not on the list of this package is
// an error. Elements are mapped, and read when a tensor is asked for.
package torch

import (
	"errors"
	"fmt"

	"github.com/ihae/ihae/format/pickle"
	"github.com/ihae/ihae/format/safetensors"
	"github.com/ihae/ihae/tensor"
)

// Named is a tensor and its name.
type Named = safetensors.Named

// Entry is what the file says of one tensor.
type Entry struct {
	Name string
	Type tensor.Type
	from source
}

// source is where the elements of a tensor are: a view of a storage, or an
// array of NumPy.
type source interface {
	load(name string) (tensor.Tensor, error)
}

// A FormatError says what is wrong with a file, at which tensor (empty when the
// file as a whole is meant) and at which byte of the file.
type FormatError struct {
	Tensor string
	Offset int64
	Reason string
	Err    error // what Reason was made of; may be nil
}

// Error names the tensor, the place and the reason.
func (e *FormatError) Error() string {
	if e.Tensor == "" {
		return fmt.Sprintf("torch: byte %d: %s", e.Offset, e.Reason)
	}
	return fmt.Sprintf("torch: byte %d: tensor %q: %s", e.Offset, e.Tensor, e.Reason)
}

// Unwrap is the error below, such as that of the pickle.
func (e *FormatError) Unwrap() error { return e.Err }

func bad(tensor string, offset int64, reason string, args ...any) error {
	return &FormatError{Tensor: tensor, Offset: offset, Reason: fmt.Sprintf(reason, args...)}
}

// inPickle moves an error of a pickle at base of the file to its place there.
func inPickle(err error, base int64, part string) error {
	var e *pickle.FormatError
	if !errors.As(err, &e) {
		return bad("", base, "%s: %v", part, err)
	}
	reason := e.Reason
	if e.Op != "" {
		reason = e.Op + ": " + reason
	}
	return &FormatError{Offset: base + e.Offset, Reason: part + ": " + reason, Err: err}
}

// Limits bounds what a file can make the reader do. A zero field means the
// default in its comment.
type Limits struct {
	Pickle  int64 // bytes of the pickle: 256 MiB
	Tensors int   // tensors and other values: 1,000,000
	Entries int   // of the archive: 200,000
	Depth   int   // of dictionaries in dictionaries: 64
}

func (l Limits) withDefaults() Limits {
	d := Limits{Pickle: 256 << 20, Tensors: 1_000_000, Entries: 200_000, Depth: 64}
	if l.Pickle > 0 {
		d.Pickle = l.Pickle
	}
	if l.Tensors > 0 {
		d.Tensors = l.Tensors
	}
	if l.Entries > 0 {
		d.Entries = l.Entries
	}
	if l.Depth > 0 {
		d.Depth = l.Depth
	}
	return d
}

// advice is the way out of a file that needs more than plain weights.
const advice = "save the state_dict (torch.save(model.state_dict(), path)), or convert it to safetensors"
