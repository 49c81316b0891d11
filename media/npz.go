package media

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/ihae/ihae/tensor"
)

// DecodeNPZ reads NumPy's .npz: a zip archive with one .npy file an array. The
// archive is checked as [OpenZip] does.
func DecodeNPZ(r io.ReaderAt, size int64, l Limits) (map[string]tensor.Tensor, error) {
	z, err := OpenZip(r, size, l)
	if err != nil {
		return nil, err
	}
	out := make(map[string]tensor.Tensor, len(z.File))
	left := l.withDefaults().Bytes
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return nil, bad("npz", 0, "%q is no .npy file", f.Name)
		}
		if left -= int64(f.UncompressedSize64); left < 0 {
			return nil, bad("npz", 0, "the arrays have more than the limit of %d bytes", l.withDefaults().Bytes)
		}
		b, err := ReadEntry(f)
		if err != nil {
			return nil, err
		}
		if out[name], err = DecodeNPY(bytes.NewReader(b), l); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return out, nil
}

// EncodeNPZ writes arrays as .npz, ordered by name, without compression and
// without times: the same arrays give the same bytes.
func EncodeNPZ(w io.Writer, arrays map[string]tensor.Tensor) error {
	z := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		if err := EncodeNPY(f, arrays[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return z.Close()
}
