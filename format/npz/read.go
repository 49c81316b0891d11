package npz

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

// Read reads all arrays of a .npz archive of size bytes, stored or deflated, in
// their order. The whole archive is refused when one name leads outside, stands
// twice up to case or is not that of a .npy file, when entries share bytes, or
// when they unpack to more than the limits.
func Read(r io.ReaderAt, size int64, l Limits) ([]Named, error) {
	l = l.withDefaults()
	z, err := media.OpenZip(r, size, l.archive())
	if err != nil {
		return nil, err
	}
	if err := check(z.File, l); err != nil {
		return nil, err
	}
	out := make([]Named, 0, len(z.File))
	for _, f := range z.File {
		t, err := entry(f, l)
		if err != nil {
			return nil, fmt.Errorf("npz: %s: %w", f.Name, err)
		}
		out = append(out, Named{strings.TrimSuffix(f.Name, suffix), t})
	}
	return out, nil
}

// Open is [Read] of a file on disk; errors name it.
func Open(path string, l Limits) ([]Named, error) {
	var all []Named
	err := opened(path, func(f *os.File, size int64) (err error) {
		all, err = Read(f, size, l)
		return err
	})
	return all, err
}

// check refuses what no archive of arrays has.
func check(files []*zip.File, l Limits) error {
	left := l.Bytes
	for _, f := range files {
		switch left -= int64(f.UncompressedSize64); {
		case !strings.HasSuffix(f.Name, suffix):
			return bad("npz", 0, "%q is no .npy file: an archive, but not of arrays", f.Name)
		case f.Flags&1 != 0:
			return bad("npz", 0, "%q is encrypted", f.Name)
		case f.Method == zip.Store && f.CompressedSize64 != f.UncompressedSize64:
			return bad("npz", 0, "%q is stored, but has %d bytes for %d", f.Name, f.CompressedSize64, f.UncompressedSize64)
		case left < 0:
			return bad("npz", 0, "the arrays have more than the limit of %d bytes", l.Bytes)
		}
	}
	return nil
}

// entry reads one array.
func entry(f *zip.File, l Limits) (tensor.Tensor, error) {
	var none tensor.Tensor
	if f.UncompressedSize64 > 4*f.CompressedSize64+1<<20 {
		// Memory for so much more than the file has is taken only when the
		// bytes are known to come.
		if err := unpack(f, func(r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }); err != nil {
			return none, err
		}
	}
	var t tensor.Tensor
	err := unpack(f, func(r io.Reader) error {
		h, err := media.ReadNPYHeader(r)
		if err != nil {
			return err
		}
		if err := fits(h, int64(f.UncompressedSize64), l.Bytes); err != nil {
			return err
		}
		t = tensor.New(h.Type)
		if n, err := io.ReadFull(r, t.Bytes()); err != nil {
			return bad("npy", h.Start+int64(n), "%v", err)
		}
		if _, err := io.ReadFull(r, make([]byte, 1)); !errors.Is(err, io.EOF) { // where the checksum is compared
			return bad("npy", h.Start+int64(len(t.Bytes())), "%v", err)
		}
		t, err = h.Elements(t)
		return err
	})
	return t, err
}

// unpack calls read with the bytes of an entry.
func unpack(f *zip.File, read func(io.Reader) error) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	return errors.Join(read(r), r.Close())
}
