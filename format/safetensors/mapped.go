package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/ihae/ihae/internal/mapped"
	"github.com/ihae/ihae/tensor"
)

// OpenMapped reads and checks the header of a file on disk and leaves the
// elements where they are: the operating system brings in those that are looked
// at. The file must stay as it is until Close; errors name it.
func OpenMapped(path string, l Limits) (*File, error) {
	m, err := mapped.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := Read(bytes.NewReader(m.Bytes), int64(len(m.Bytes)), l)
	if err != nil {
		_ = m.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f.mapped = m
	return f, nil
}

// Close gives the memory of a mapped file back: its tensors must not be used
// afterwards. Of a file that is read it does nothing.
func (f *File) Close() error {
	if f.mapped == nil {
		return nil
	}
	f.r = bytes.NewReader(nil)
	return f.mapped.Close()
}

// view is a tensor in the memory of the file, if that is mapped and has the
// elements as they are wanted: aligned, in this machine's byte order, each in
// bytes of its own.
func (f *File) view(e Entry) (tensor.Tensor, bool) {
	little := binary.NativeEndian.Uint16([]byte{1, 0}) == 1
	if f.mapped == nil || e.End > int64(len(f.mapped.Bytes)) || e.packed() || !little && e.Type.DType.Size() > 1 {
		return tensor.Tensor{}, false
	}
	t, err := tensor.View(e.Type, f.mapped.Bytes[e.Begin:e.End:e.End])
	return t, err == nil
}
