// Package hdf5 reads the part of HDF5 (The HDF Group, HDF5 File Format
// Specification 3.0) that h5py and Keras write: groups, datasets of numbers and
// strings, attributes. It reads every way in which the library from 1.6.3 to 2.0
// lays these out: superblocks 0 to 3, old and new groups, compact and dense links
// and attributes, contiguous, compact and chunked data under all five chunk
// indices, the filters gzip, shuffle and fletcher32.
//
// It does not write, follows no link out of the file, and refuses by name what is
// not numbers or strings: compound, array, reference and opaque elements, virtual
// datasets, elements in other files, other filters, shared messages.
//
// Nothing in a file is trusted. Every address is checked against the length of the
// file, checksums are compared, trees may not visit a node twice, and what a
// dataset may take in memory and how much is read in all has a limit.
package hdf5

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/ihae/ihae/internal/mapped"
)

// ErrAbsent is the error, or wrapped in it, when a group has no such link or an
// object no such attribute.
var ErrAbsent = errors.New("not in the file")

// A FormatError says which rule of the format a file breaks, at which object
// (empty when the file as a whole is meant) and at which byte of the file.
type FormatError struct {
	Object string
	Offset int64
	Reason string
}

// Error names the object, the place and the reason.
func (e *FormatError) Error() string {
	if e.Object == "" {
		return fmt.Sprintf("hdf5: byte %d: %s", e.Offset, e.Reason)
	}
	return fmt.Sprintf("hdf5: byte %d: %s: %s", e.Offset, e.Object, e.Reason)
}

// at gives a FormatError the object that it is about.
func at(object string, err error) error {
	var f *FormatError
	if errors.As(err, &f) && f.Object == "" {
		f.Object = object
	}
	return err
}

// Limits bounds what a file can make the reader do. A zero field means the
// default in its comment.
type Limits struct {
	Memory int64 // bytes that reading one dataset, attribute or list of links may take: 4 × the file + 64 MB
	Links  int   // of one group, and attributes of one object: 1,000,000
}

func (l Limits) withDefaults(size int) Limits {
	if l.Memory <= 0 {
		l.Memory = 4*int64(size) + 64<<20
	}
	if l.Links <= 0 {
		l.Links = 1_000_000
	}
	return l
}

// File is an open file. Groups, datasets and attributes look into its bytes and
// must not be used after [File.Close]; tensors and strings read from it may be.
type File struct {
	b      []byte // from the superblock on, where addresses count from
	base   int64  // of b in the file
	so, sl int    // sizes of an address and of a length in bytes
	root   uint64 // address of the root group's object header
	limits Limits
	loose  bool // does not compare checksums; for fuzzing
	file   *mapped.File
	count  atomic.Int64 // of messages and names read so far
}

// maxCount is how many messages of object headers and names of links and
// attributes may be read in all. Many links may lead to one large object, which
// is read again by each of them.
const maxCount = 1 << 26

// spend counts a message or name that c is at.
func (f *File) spend(c *cursor) {
	if f.count.Add(1) > maxCount {
		c.fail("more than %d messages and names, those of objects read again counted again", maxCount)
	}
}

// Open maps the file path and reads its superblock. Errors name the file.
func Open(path string, l Limits) (*File, error) {
	m, err := mapped.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := Parse(m.Bytes, l)
	if err != nil {
		_ = m.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f.file = m
	return f, nil
}

// Parse reads the superblock of a file that is in memory and stays unchanged
// there.
func Parse(b []byte, l Limits) (*File, error) {
	f := &File{b: b, limits: l.withDefaults(len(b))}
	if err := f.superblock(); err != nil {
		return nil, err
	}
	return f, nil
}

// Close unmaps the file.
func (f *File) Close() error {
	f.b = nil
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}

// Size is the length of the file in bytes.
func (f *File) Size() int64 { return f.base + int64(len(f.b)) }

// Root is the group that everything else is in.
func (f *File) Root() (*Group, error) { return f.group("/", f.root) }
