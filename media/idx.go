package media

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"github.com/ihae/ihae/tensor"
)

// idxTypes is the element types of idx by their code, the third byte of a file.
var idxTypes = map[byte]tensor.DType{
	0x08: tensor.Uint8, 0x09: tensor.Int8, 0x0b: tensor.Int16,
	0x0c: tensor.Int32, 0x0d: tensor.Float32, 0x0e: tensor.Float64,
}

// DecodeIDX reads an array of the idx format (LeCun, Cortes, Burges: the files
// of MNIST): two zero bytes, the code of the element type, the number of axes,
// their sizes in 32 bits, the elements, all big-endian. gzip is recognised by
// its first bytes. Bytes after the elements are an error.
func DecodeIDX(r io.Reader, l Limits) (tensor.Tensor, error) {
	l = l.withDefaults()
	in, err := unzipped(r)
	if err != nil {
		return tensor.Tensor{}, err
	}
	t, at, err := idxHeader(in)
	if err != nil {
		return tensor.Tensor{}, err
	}
	if int64(t.Bytes()) > l.Bytes {
		return tensor.Tensor{}, bad("idx", 4, "%v is more than the limit of %d bytes", t, l.Bytes)
	}
	b, err := readExactly("idx", in, at, int64(t.Bytes()))
	if err != nil {
		return tensor.Tensor{}, err
	}
	if n, _ := in.Read(make([]byte, 1)); n > 0 {
		return tensor.Tensor{}, bad("idx", at+int64(len(b)), "bytes after the last element of %v", t)
	}
	swapToHost(b, t.DType.Size(), binary.BigEndian)
	return aligned(t, b), nil
}

// ReadIDX is [DecodeIDX] of a file; errors name it.
func ReadIDX(path string, l Limits) (tensor.Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return tensor.Tensor{}, err
	}
	defer f.Close()
	t, err := DecodeIDX(f, l)
	if err != nil {
		return tensor.Tensor{}, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

func idxHeader(r io.Reader) (t tensor.Type, length int64, err error) {
	head, err := readExactly("idx", r, 0, 4)
	if err != nil {
		return t, 0, err
	}
	var ok bool
	if t.DType, ok = idxTypes[head[2]]; !ok || head[0] != 0 || head[1] != 0 {
		return t, 0, bad("idx", 0, "begins with % x, no idx file", head)
	}
	rank := int(head[3])
	if rank > tensor.MaxRank {
		return t, 0, bad("idx", 3, "%d axes, at most %d", rank, tensor.MaxRank)
	}
	sizes, err := readExactly("idx", r, 4, int64(4*rank))
	if err != nil {
		return t, 0, err
	}
	dims := make([]int, rank)
	for i := range dims {
		dims[i] = int(binary.BigEndian.Uint32(sizes[4*i:]))
	}
	if t.Shape, err = tensor.CheckedDims(dims...); err != nil {
		return t, 0, bad("idx", 4, "%v", err)
	}
	return t, int64(4 + 4*rank), nil
}

// EncodeIDX writes t as idx, without compression. Types that the format lacks
// are an error.
func EncodeIDX(w io.Writer, t tensor.Tensor) error {
	for code, d := range idxTypes {
		if d != t.DType() {
			continue
		}
		head := []byte{0, 0, code, byte(t.Shape().Rank())}
		for _, n := range t.Shape().Dims() {
			if int64(n) > 1<<32-1 {
				return fmt.Errorf("idx: an axis of %d does not fit 32 bits", n)
			}
			head = binary.BigEndian.AppendUint32(head, uint32(n))
		}
		b := bytes.Clone(t.Bytes())
		swapToHost(b, t.DType().Size(), binary.BigEndian)
		_, err := w.Write(append(head, b...))
		return err
	}
	return fmt.Errorf("idx: the format has no %v", t.DType())
}

// unzipped is r, or what r holds when it begins as gzip does.
func unzipped(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	if head, _ := b.Peek(2); !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return b, nil
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, bad("gzip", 0, "%v", err)
	}
	return z, nil
}
