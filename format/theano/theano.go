// Package theano reads the weights in pickles of Theano's models: of shared
// variables, on the processor or a GPU, in attributes, lists and dictionaries of
// objects of any class, and of plain NumPy arrays. A pickle names Python's
// classes and holds the expressions that use the weights; here all of these are
// inert (package pickle), and no name leads to code. Files with several pickles,
// one behind another, are read whole, and so are the archives of
// theano.misc.pkl_utils.dump.
package theano

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/ihae/ihae/format/pickle"
	"github.com/ihae/ihae/format/safetensors"
	"github.com/ihae/ihae/internal/mapped"
	"github.com/ihae/ihae/tensor"
)

// Named is a tensor and its name.
type Named = safetensors.Named

// Entry is what the file says of one array.
type Entry struct {
	Name string
	Type tensor.Type
	from source
}

// source is where the elements of an array are.
type source interface {
	TensorType() (tensor.Type, error)
	Tensor() (tensor.Tensor, error)
}

// A FormatError says what is wrong with a file and at which byte of it.
type FormatError struct {
	Offset int64
	Reason string
	Err    error // what Reason was made of; may be nil
}

// Error names the place and the reason.
func (e *FormatError) Error() string { return fmt.Sprintf("theano: byte %d: %s", e.Offset, e.Reason) }

// Unwrap is the error below, such as that of the pickle.
func (e *FormatError) Unwrap() error { return e.Err }

func bad(offset int64, reason string, args ...any) error {
	return &FormatError{Offset: offset, Reason: fmt.Sprintf(reason, args...)}
}

// Limits bounds what a file can make the reader do. A zero field means the
// default in its comment.
type Limits struct {
	Arrays int   // arrays and plain values: 100,000
	Memory int64 // bytes of the values of the pickle, and of all arrays: 16 MiB and twice the file
}

func (l Limits) withDefaults(size int) Limits {
	if l.Arrays <= 0 {
		l.Arrays = 100_000
	}
	if l.Memory <= 0 {
		l.Memory = 16<<20 + 2*int64(size)
	}
	return l
}

// File is a file whose pickles have been read.
type File struct {
	// Class is the class of the object in the file, such as
	// __main__.SoftmaxRegression; empty when it holds none, or several things.
	Class string
	// Meta is the plain values among the attributes, by name: bool, int64, float64
	// or string.
	Meta    map[string]any
	Entries []Entry // those nearest to the root first

	limits Limits
	index  map[string]int
	names  int64 // bytes that names may still take
}

// Open reads the file path; errors name it.
func Open(path string, l Limits) (*File, error) {
	m, err := mapped.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = m.Close() }()
	f, err := Read(m.Bytes, l)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// Read reads a file of those bytes, which are not kept. Arrays are named by the
// attributes, keys and indices that lead to them, joined by dots: W, or
// params.0; of several such names by the shortest.
func Read(data []byte, l Limits) (*File, error) {
	f := &File{Meta: map[string]any{}, limits: l.withDefaults(len(data)), index: map[string]int{}}
	f.names = f.limits.Memory
	roots, err := f.roots(data)
	if err != nil {
		return nil, err
	}
	root := roots[0]
	if len(roots) > 1 {
		root = &pickle.List{Items: roots}
	}
	if o, ok := root.(*pickle.Object); ok {
		f.Class = o.Class.String()
	}
	if err := f.collect(root); err != nil {
		return nil, err
	}
	if len(f.Entries) == 0 {
		return nil, bad(0, "the pickle of %s holds no arrays%s", pickle.TypeName(root), f.wrong(root))
	}
	return f, nil
}

// roots is the values of the pickles, one behind another to the end.
func (f *File) roots(data []byte) ([]any, error) {
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return f.archive(data)
	}
	if len(data) == 0 {
		return nil, bad(0, "the file is empty")
	}
	roots, err := pickle.ReadAll(data, options(f.limits.Memory, nil))
	if err != nil {
		return nil, inPickle(err)
	}
	if len(roots) > f.limits.Arrays {
		return nil, bad(0, "%d pickles, at most %d", len(roots), f.limits.Arrays)
	}
	return roots, nil
}

// options is how pickles are read: what only wraps an array gives it; every
// other name is kept as a name.
func options(memory int64, persistent func(any) (any, error)) pickle.Options {
	m := pickle.Numpy()
	for _, name := range []string{
		"theano.sandbox.cuda.type CudaNdarray_unpickler", "theano.sandbox.cuda CudaNdarray_unpickler",
		"theano.gpuarray.type GpuArray_unpickler", "theano.sandbox.gpuarray.type GpuArray_unpickler",
	} {
		m[name] = unwrap
	}
	return pickle.Options{Builders: m, Memory: memory, Persistent: persistent}
}

// unwrap is what stands for the functions that put an array on a GPU.
func unwrap(args []any) (any, error) {
	if len(args) == 0 {
		return nil, errors.New("no array")
	}
	return args[0], nil
}

// inPickle is an error of a pickle as one of this package.
func inPickle(err error) error {
	var e *pickle.FormatError
	if !errors.As(err, &e) {
		return bad(0, "%v", err)
	}
	reason := e.Reason
	if e.Op != "" {
		reason = e.Op + ": " + reason
	}
	return &FormatError{Offset: e.Offset, Reason: reason, Err: err}
}

// Names lists the arrays, those nearest to the root first.
func (f *File) Names() []string {
	names := make([]string, len(f.Entries))
	for i, e := range f.Entries {
		names[i] = e.Name
	}
	return names
}

// Tensor is one array, contiguous, in memory of its own.
func (f *File) Tensor(name string) (tensor.Tensor, error) {
	i, ok := f.index[name]
	if !ok {
		return tensor.Tensor{}, fmt.Errorf("theano: no array %s among %d", strconv.Quote(name), len(f.Entries))
	}
	return f.Entries[i].from.Tensor()
}

// All is every array.
func (f *File) All() ([]Named, error) {
	left := f.limits.Memory
	out := make([]Named, len(f.Entries))
	for i, e := range f.Entries {
		if left -= int64(e.Type.Bytes()); left < 0 {
			return nil, bad(0, "the arrays share elements and would take more than %d bytes; read them one by one", f.limits.Memory)
		}
		t, err := e.from.Tensor()
		if err != nil {
			return nil, err
		}
		out[i] = Named{Name: e.Name, Tensor: t}
	}
	return out, nil
}
