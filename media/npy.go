package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ihae/ihae/tensor"
)

const npyMagic = "\x93NUMPY"

// npyTypes is NumPy's names of element types, without the byte order.
var npyTypes = map[string]tensor.DType{
	"b1": tensor.Bool, "i1": tensor.Int8, "i2": tensor.Int16, "i4": tensor.Int32, "i8": tensor.Int64,
	"u1": tensor.Uint8, "u2": tensor.Uint16, "u4": tensor.Uint32, "u8": tensor.Uint64,
	"f2": tensor.Float16, "f4": tensor.Float32, "f8": tensor.Float64,
}

// maxNPYHeader is NumPy's own limit on a header that is not trusted.
const maxNPYHeader = 10_000

// DecodeNPY reads an array in NumPy's .npy format, version 1, 2 or 3 (NEP 1):
// bool, integers and floats of either byte order, in C or Fortran order, which
// becomes row-major. Objects, strings and structures are refused.
func DecodeNPY(r io.Reader, l Limits) (tensor.Tensor, error) {
	l = l.withDefaults()
	h, err := ReadNPYHeader(r)
	if err != nil {
		return tensor.Tensor{}, err
	}
	if int64(h.Type.Bytes()) > l.Bytes {
		return tensor.Tensor{}, bad("npy", h.Start, "%v is more than the limit of %d bytes", h.Type, l.Bytes)
	}
	b, err := readExactly("npy", r, h.Start, int64(h.Type.Bytes()))
	if err != nil {
		return tensor.Tensor{}, err
	}
	return h.Elements(aligned(h.Type, b))
}

// ReadNPY is [DecodeNPY] of a file; errors name it.
func ReadNPY(path string, l Limits) (tensor.Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return tensor.Tensor{}, err
	}
	defer f.Close()
	t, err := DecodeNPY(f, l)
	if err != nil {
		return tensor.Tensor{}, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// NPYHeader is what a .npy file says of its elements.
type NPYHeader struct {
	Type    tensor.Type
	Order   binary.ByteOrder
	Fortran bool  // the first axis is the innermost in the file
	Start   int64 // of the elements, in bytes of the file
}

// ReadNPYHeader reads all that stands before the elements, of at most 10 kB.
func ReadNPYHeader(r io.Reader) (NPYHeader, error) {
	var none NPYHeader
	head, err := readExactly("npy", r, 0, 8)
	if err != nil {
		return none, err
	}
	if !bytes.HasPrefix(head, []byte(npyMagic)) {
		return none, bad("npy", 0, "begins with %q, no npy file", head[:6])
	}
	width := 2
	switch head[6] {
	case 1:
	case 2, 3:
		width = 4
	default:
		return none, bad("npy", 6, "version %d; 1 to 3 are known", head[6])
	}
	size, err := readExactly("npy", r, 8, int64(width))
	if err != nil {
		return none, err
	}
	n := int64(binary.LittleEndian.Uint32(append(size, 0, 0)))
	if n > maxNPYHeader {
		return none, bad("npy", 8, "a header of %d bytes, at most %d", n, maxNPYHeader)
	}
	start := int64(8 + width)
	text, err := readExactly("npy", r, start, n)
	if err != nil {
		return none, err
	}
	h, err := parseNPYHeader(string(text), start)
	h.Start = start + n
	return h, err
}

// Elements makes of t, whose memory is the elements as the file has them, the
// tensor that they mean. It may change t's memory and keep it.
func (h NPYHeader) Elements(t tensor.Tensor) (tensor.Tensor, error) {
	b := t.Bytes()
	swapToHost(b, h.Type.DType.Size(), h.Order)
	if h.Type.DType == tensor.Bool {
		for i, v := range b {
			if v > 1 {
				return tensor.Tensor{}, bad("npy", h.Start+int64(i), "a bool of value %d", v)
			}
		}
	}
	if !h.Fortran {
		return t, nil
	}
	strides, n := make([]int, h.Type.Shape.Rank()), 1
	for i, d := range h.Type.Shape.Dims() {
		strides[i] = n
		n *= d
	}
	return tensor.Strided(h.Type, b, 0, strides)
}

// EncodeNPY writes t as .npy version 1, little-endian, in C order. The same
// tensor gives the same bytes. BFloat16 and the types for
// storage, which NumPy lacks, are an error.
func EncodeNPY(w io.Writer, t tensor.Tensor) error {
	for name, d := range npyTypes {
		if d != t.DType() {
			continue
		}
		order := "<"
		if d.Size() == 1 {
			order = "|"
		}
		_, err := w.Write(npyHeaderBytes(order+name, t.Shape()))
		if err != nil {
			return err
		}
		b := t.Bytes()
		if d.Size() > 1 && binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
			b = bytes.Clone(b)
			swapToHost(b, d.Size(), binary.LittleEndian)
		}
		_, err = w.Write(b)
		return err
	}
	return fmt.Errorf("npy: the format has no %v", t.DType())
}

// npyHeaderBytes is everything before the elements, padded to 64 bytes.
func npyHeaderBytes(descr string, s tensor.Shape) []byte {
	var dims strings.Builder
	for i, d := range s.Dims() {
		if i > 0 {
			dims.WriteByte(' ')
		}
		fmt.Fprintf(&dims, "%d,", d)
	}
	shape := dims.String()
	if s.Rank() > 1 {
		shape = strings.TrimSuffix(shape, ",")
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, shape)
	const before = len(npyMagic) + 4
	text += strings.Repeat(" ", 63-(before+len(text))%64) + "\n"
	b := append([]byte(npyMagic), 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(text)))
	return append(b, text...)
}
