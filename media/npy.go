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
	h, at, err := npyRead(r)
	if err != nil {
		return tensor.Tensor{}, err
	}
	if int64(h.typ.Bytes()) > l.Bytes {
		return tensor.Tensor{}, bad("npy", at, "%v is more than the limit of %d bytes", h.typ, l.Bytes)
	}
	b, err := readExactly("npy", r, at, int64(h.typ.Bytes()))
	if err != nil {
		return tensor.Tensor{}, err
	}
	swapToHost(b, h.typ.DType.Size(), h.order)
	if h.typ.DType == tensor.Bool {
		for i, v := range b {
			if v > 1 {
				return tensor.Tensor{}, bad("npy", at+int64(i), "a bool of value %d", v)
			}
		}
	}
	if h.fortran {
		return rowMajor(h.typ, b), nil
	}
	return aligned(h.typ, b), nil
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

// npyRead reads magic, version and header; at is where the elements begin.
func npyRead(r io.Reader) (h npyHeader, at int64, err error) {
	head, err := readExactly("npy", r, 0, 8)
	if err != nil {
		return h, 0, err
	}
	if !bytes.HasPrefix(head, []byte(npyMagic)) {
		return h, 0, bad("npy", 0, "begins with %q, no npy file", head[:6])
	}
	width := 2
	switch head[6] {
	case 1:
	case 2, 3:
		width = 4
	default:
		return h, 0, bad("npy", 6, "version %d; 1 to 3 are known", head[6])
	}
	size, err := readExactly("npy", r, 8, int64(width))
	if err != nil {
		return h, 0, err
	}
	n := int64(binary.LittleEndian.Uint32(append(size, 0, 0)))
	if n > maxNPYHeader {
		return h, 0, bad("npy", 8, "a header of %d bytes, at most %d", n, maxNPYHeader)
	}
	start := int64(8 + width)
	text, err := readExactly("npy", r, start, n)
	if err != nil {
		return h, 0, err
	}
	h, err = parseNPYHeader(string(text), start)
	return h, start + n, err
}

// rowMajor turns elements in column-major order round.
func rowMajor(t tensor.Type, b []byte) tensor.Tensor {
	out := tensor.New(t)
	size, dims := t.DType.Size(), t.Shape.Dims()
	dst, index := out.Bytes(), make([]int, len(dims))
	stride := make([]int, len(dims)) // of the source, in elements
	n := 1
	for i, d := range dims {
		stride[i] = n
		n *= d
	}
	for at, p := 0, 0; at < len(dst); at += size {
		copy(dst[at:at+size], b[p*size:])
		for i := len(dims) - 1; i >= 0; i-- {
			index[i]++
			p += stride[i]
			if index[i] < dims[i] {
				break
			}
			p -= index[i] * stride[i]
			index[i] = 0
		}
	}
	return out
}

// EncodeNPY writes t as .npy version 1, little-endian, in C order. The same
// tensor gives the same bytes. BFloat16, which NumPy lacks, is an error.
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
		b := bytes.Clone(t.Bytes())
		swapToHost(b, d.Size(), binary.LittleEndian)
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
