package safetensors

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"os"
	"slices"
	"unicode/utf8"

	"github.com/ihae/ihae/internal/mapped"
	"github.com/ihae/ihae/tensor"
)

// Entry is what the header says of one tensor.
type Entry struct {
	Name  string
	Type  tensor.Type
	Begin int64 // of the elements, in bytes of the file
	End   int64
	place int64 // of the entry in the header
}

// File is a file whose header has been read and checked.
type File struct {
	Meta    map[string]string
	Entries []Entry // in the order of their elements
	r       io.ReaderAt
	index   map[string]int
	mapped  *mapped.File // nil if the file is read
}

// Read reads and checks the header of a file of size bytes. Elements are read
// by [File.Tensor].
func Read(r io.ReaderAt, size int64, l Limits) (*File, error) {
	l = l.withDefaults()
	head, err := readHeader(r, size, l)
	if err != nil {
		return nil, err
	}
	p := &parser{text: head, limits: l}
	meta, entries, index, err := p.file()
	if err != nil {
		return nil, err
	}
	start := int64(8 + len(head))
	if err := place(entries, start, size); err != nil {
		return nil, err
	}
	f := &File{Meta: meta, Entries: entries, r: r, index: index}
	for i, e := range entries {
		f.index[e.Name] = i
	}
	return f, nil
}

// Open reads all tensors of a file on disk, in the order of their elements;
// errors name the file.
func Open(path string, l Limits) ([]Named, map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	s, err := Read(f, info.Size(), l)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	all, err := s.All()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, s.Meta, nil
}

func readHeader(r io.ReaderAt, size int64, l Limits) ([]byte, error) {
	var length [8]byte
	if size < 8 {
		return nil, bad("", 0, "the file has %d bytes, fewer than the length of a header takes", size)
	}
	if _, err := r.ReadAt(length[:], 0); err != nil {
		return nil, bad("", 0, "%v", err)
	}
	n := binary.LittleEndian.Uint64(length[:])
	switch {
	case n < 2:
		return nil, bad("", 0, "a header of %d bytes; the smallest is {}", n)
	case n > uint64(l.Header):
		return nil, bad("", 0, "a header of %d bytes, at most %d", n, l.Header)
	case n > uint64(size-8):
		return nil, bad("", 0, "a header of %d bytes in a file of %d", n, size)
	}
	head := make([]byte, n)
	if _, err := r.ReadAt(head, 8); err != nil {
		return nil, bad("", 8, "%v", err)
	}
	if head[0] != '{' {
		return nil, bad("", 8, "the header begins with %q, wanted {", head[0])
	}
	if !utf8.Valid(head) {
		return nil, bad("", 8, "the header is not valid UTF-8")
	}
	return head, nil
}

// place orders the entries by their elements, which must follow each other
// without hole or overlap from start to the end of the file, and turns their
// offsets into places in the file. A tensor without elements stands on a border
// between its neighbours, never inside one.
func place(entries []Entry, start, size int64) error {
	slices.SortStableFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Begin, b.Begin), cmp.Compare(a.End, b.End))
	})
	at := int64(0)
	for i := range entries {
		e := &entries[i]
		switch {
		case e.End > size-start:
			return bad(e.Name, e.place, "ends at %d of %d bytes of elements", e.End, size-start)
		case e.Begin < at:
			return bad(e.Name, e.place, "begins at %d, inside tensor %q, which ends at %d", e.Begin, entries[i-1].Name, at)
		case e.Begin > at:
			return bad(e.Name, e.place, "begins at %d, %d bytes after the one before it ends", e.Begin, e.Begin-at)
		}
		at = e.End
		e.Begin, e.End = e.Begin+start, e.End+start
	}
	if at != size-start {
		return bad("", start+at, "%d bytes belong to no tensor", size-start-at)
	}
	return nil
}

// typeOf is the type of an entry; its elements must take length bytes.
func typeOf(d tensor.DType, dims []uint64, length uint64) (tensor.Type, error) {
	if len(dims) > maxAxes {
		return tensor.Type{}, fmt.Errorf("%d axes, at most %d", len(dims), maxAxes)
	}
	n, list := uint64(d.Bits()), make([]int, len(dims))
	for i, v := range dims {
		hi, lo := bits.Mul64(n, v)
		if hi != 0 || lo > 1<<62 || v > 1<<56 {
			return tensor.Type{}, fmt.Errorf("shape %v has too many elements", dims)
		}
		n, list[i] = lo, int(v)
	}
	switch {
	case n%8 != 0:
		return tensor.Type{}, fmt.Errorf("%v%v has %d bits, which are no whole bytes", d, dims, n)
	case n/8 != length:
		return tensor.Type{}, fmt.Errorf("%v%v has %d bytes, the offsets say %d", d, dims, n/8, length)
	}
	s, err := tensor.CheckedDims(list...)
	return tensor.Type{DType: d, Shape: s}, err
}

// Names lists the tensors in the order of their elements.
func (f *File) Names() []string {
	names := make([]string, len(f.Entries))
	for i, e := range f.Entries {
		names[i] = e.Name
	}
	return names
}

// Tensor is one tensor. In a file that is mapped it shares the file's memory
// where the elements lie aligned, as those of [Write] do, and must not be
// written to; otherwise its elements are read.
func (f *File) Tensor(name string) (tensor.Tensor, error) {
	i, ok := f.index[name]
	if !ok {
		return tensor.Tensor{}, fmt.Errorf("safetensors: no tensor %q among %d", name, len(f.Entries))
	}
	if t, ok := f.view(f.Entries[i]); ok {
		return t, checkBools(f.Entries[i], t.Bytes())
	}
	t := tensor.New(f.Entries[i].Type)
	return t, f.ReadInto(name, t.Bytes())
}

// ReadInto reads the elements of one tensor into memory of their type's size.
func (f *File) ReadInto(name string, dst []byte) error {
	i, ok := f.index[name]
	if !ok {
		return fmt.Errorf("safetensors: no tensor %q among %d", name, len(f.Entries))
	}
	e := f.Entries[i]
	if len(dst) != e.Type.Bytes() {
		return fmt.Errorf("safetensors: tensor %q has %d bytes, memory for %d", name, e.Type.Bytes(), len(dst))
	}
	if e.packed() {
		return f.unpackInto(e, dst)
	}
	if n, err := f.r.ReadAt(dst, e.Begin); n < len(dst) {
		return bad(name, e.Begin+int64(n), "%v", err)
	}
	swapToHost(dst, e.Type.DType.Size())
	return checkBools(e, dst)
}

// packed says whether elements share bytes in the file.
func (e Entry) packed() bool { return e.Type.DType.Bits() < 8 }

func (f *File) unpackInto(e Entry, dst []byte) error {
	b := make([]byte, e.End-e.Begin)
	if n, err := f.r.ReadAt(b, e.Begin); n < len(b) {
		return bad(e.Name, e.Begin+int64(n), "%v", err)
	}
	t, err := tensor.Unpack(e.Type, b)
	copy(dst, t.Bytes())
	return err
}

// checkBools refuses bytes that are neither 0 nor 1 where e says bool.
func checkBools(e Entry, b []byte) error {
	if e.Type.DType != tensor.Bool {
		return nil
	}
	if k := slices.IndexFunc(b, func(v byte) bool { return v > 1 }); k >= 0 {
		return bad(e.Name, e.Begin+int64(k), "a bool of value %d", b[k])
	}
	return nil
}

// All reads every tensor, in the order of their elements.
func (f *File) All() ([]Named, error) {
	out := make([]Named, len(f.Entries))
	for i, e := range f.Entries {
		t, err := f.Tensor(e.Name)
		if err != nil {
			return nil, err
		}
		out[i] = Named{e.Name, t}
	}
	return out, nil
}
