package npz

import (
	"fmt"
	"io"
	"os"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

// ReadArray reads a .npy file of size bytes, version 1, 2 or 3, of either byte
// order, in C or in Fortran order, which becomes row-major.
func ReadArray(r io.ReaderAt, size int64, l Limits) (tensor.Tensor, error) {
	h, err := media.ReadNPYHeader(io.NewSectionReader(r, 0, size))
	if err != nil {
		return tensor.Tensor{}, err
	}
	if err := fits(h, size, l.withDefaults().Bytes); err != nil {
		return tensor.Tensor{}, err
	}
	t := tensor.New(h.Type)
	if n, err := r.ReadAt(t.Bytes(), h.Start); n < len(t.Bytes()) {
		return tensor.Tensor{}, bad("npy", h.Start+int64(n), "%v", err)
	}
	return h.Elements(t)
}

// fits asks that a file of size bytes is its header and the elements that it
// promises.
func fits(h media.NPYHeader, size, limit int64) error {
	switch want, got := int64(h.Type.Bytes()), size-h.Start; {
	case want > got:
		return bad("npy", size, "%v takes %d bytes, the file has %d for it", h.Type, want, got)
	case want < got:
		return bad("npy", h.Start+want, "%d bytes after the last element of %v", got-want, h.Type)
	case want > limit:
		return bad("npy", h.Start, "%v is more than the limit of %d bytes", h.Type, limit)
	}
	return nil
}

// OpenArray is [ReadArray] of a file on disk; errors name it.
func OpenArray(path string, l Limits) (tensor.Tensor, error) {
	var t tensor.Tensor
	err := opened(path, func(f *os.File, size int64) (err error) {
		t, err = ReadArray(f, size, l)
		return err
	})
	return t, err
}

// opened calls read with a file and its size.
func opened(path string, read func(f *os.File, size int64) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := read(f, info.Size()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// WriteArray writes t as .npy version 1, little-endian, in C order. The same
// tensor gives the same bytes. Element types that NumPy lacks are an error.
func WriteArray(w io.Writer, t tensor.Tensor) error { return media.EncodeNPY(w, t) }
