package torch7

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/ihae/ihae/tensor"
)

// coding is how a file writes numbers and texts (torch/torch7,
// lib/TH/THDiskFile.c).
type coding interface {
	integer(r *reader) (int, error)
	longs(r *reader, n int) ([]int, error)
	double(r *reader) (float64, error)
	text(r *reader, n int) ([]byte, error)
	// elements is n elements, little-endian; of a file's bytes where it can.
	elements(r *reader, d tensor.DType, n int) ([]byte, error)
}

// binaryCoding is little-endian, with longs of so many bytes.
type binaryCoding struct{ long int }

func (binaryCoding) integer(r *reader) (int, error) {
	b, err := r.take(4)
	if err != nil {
		return 0, err
	}
	return int(int32(binary.LittleEndian.Uint32(b))), nil
}

func (c binaryCoding) longs(r *reader, n int) ([]int, error) {
	b, err := r.elementsOf(n, c.long)
	if err != nil {
		return nil, err
	}
	list := make([]int, n)
	for i := range list {
		list[i] = int(c.value(b[i*c.long:]))
	}
	return list, nil
}

func (c binaryCoding) value(b []byte) int64 {
	if c.long == 4 {
		return int64(int32(binary.LittleEndian.Uint32(b)))
	}
	return int64(binary.LittleEndian.Uint64(b))
}

func (binaryCoding) double(r *reader) (float64, error) {
	b, err := r.take(8)
	if err != nil {
		return 0, err
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b)), nil
}

func (binaryCoding) text(r *reader, n int) ([]byte, error) { return r.take(n) }

func (c binaryCoding) elements(r *reader, d tensor.DType, n int) ([]byte, error) {
	if d != tensor.Int64 || c.long == 8 {
		return r.elementsOf(n, d.Size())
	}
	b, err := r.elementsOf(n, c.long)
	if err != nil {
		return nil, err
	}
	if err := r.charge(8 * int64(n)); err != nil {
		return nil, err
	}
	wide := make([]byte, 0, 8*n)
	for i := range n {
		wide = binary.LittleEndian.AppendUint64(wide, uint64(c.value(b[i*c.long:])))
	}
	return wide, nil
}

// asciiCoding is words between spaces, and after each call a new line.
type asciiCoding struct{}

// longestWord is the largest length of a number.
const longestWord = 64

// word is the next word, after any space.
func (asciiCoding) word(r *reader) (string, error) {
	for r.at < len(r.data) && isSpace(r.data[r.at]) {
		r.at++
	}
	start := r.at
	for r.at < len(r.data) && !isSpace(r.data[r.at]) && r.at-start <= longestWord {
		r.at++
	}
	if n := r.at - start; n == 0 || n > longestWord {
		r.at = start
		return "", fmt.Errorf("wanted a number of at most %d digits", longestWord)
	}
	return string(r.data[start:r.at]), nil
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// newline takes one.
func (asciiCoding) newline(r *reader) {
	if r.at < len(r.data) && r.data[r.at] == '\n' {
		r.at++
	}
}

func (c asciiCoding) whole(r *reader, bits int) (int64, error) {
	w, err := c.word(r)
	if err != nil {
		return 0, err
	}
	v, err := strconv.ParseInt(w, 10, bits)
	if err != nil {
		return 0, fmt.Errorf("%q is no whole number of %d bits", w, bits)
	}
	return v, nil
}

func (c asciiCoding) integer(r *reader) (int, error) {
	v, err := c.whole(r, 32)
	c.newline(r)
	return int(v), err
}

func (c asciiCoding) longs(r *reader, n int) ([]int, error) {
	if n > (len(r.data)-r.at)/2+1 {
		return nil, fmt.Errorf("%d numbers in %d bytes", n, len(r.data)-r.at)
	}
	list := make([]int, n)
	for i := range list {
		v, err := c.whole(r, 64)
		if err != nil {
			return nil, err
		}
		list[i] = int(v)
	}
	c.newline(r)
	return list, nil
}

func (c asciiCoding) float(r *reader, bits int) (float64, error) {
	w, err := c.word(r)
	if err != nil {
		return 0, err
	}
	if w == "-nan" { // as C prints some
		return math.NaN(), nil
	}
	v, err := strconv.ParseFloat(w, bits)
	if err != nil && !math.IsInf(v, 0) {
		return 0, fmt.Errorf("%q is no number", w)
	}
	return v, nil
}

func (c asciiCoding) double(r *reader) (float64, error) {
	v, err := c.float(r, 64)
	c.newline(r)
	return v, err
}

func (c asciiCoding) text(r *reader, n int) ([]byte, error) {
	b, err := r.take(n)
	if err == nil && n > 0 {
		c.newline(r)
	}
	return b, err
}

func (c asciiCoding) elements(r *reader, d tensor.DType, n int) ([]byte, error) {
	if d.Size() == 1 {
		return c.text(r, n)
	}
	if n > (len(r.data)-r.at)/2+1 {
		return nil, fmt.Errorf("%d numbers in %d bytes", n, len(r.data)-r.at)
	}
	if err := r.charge(int64(n) * int64(d.Size())); err != nil {
		return nil, err
	}
	b := bytes.NewBuffer(make([]byte, 0, n*d.Size()))
	for range n {
		if err := c.element(r, d, b); err != nil {
			return nil, err
		}
	}
	if n > 0 {
		c.newline(r)
	}
	return b.Bytes(), nil
}

// element appends one number, little-endian.
func (c asciiCoding) element(r *reader, d tensor.DType, b *bytes.Buffer) error {
	out := b.AvailableBuffer()
	if !d.Float() {
		v, err := c.whole(r, d.Bits())
		if err != nil {
			return err
		}
		b.Write(binary.LittleEndian.AppendUint64(out, uint64(v))[:d.Size()])
		return nil
	}
	bits := 64
	if d != tensor.Float64 {
		bits = 32
	}
	v, err := c.float(r, bits)
	if err != nil {
		return err
	}
	switch d {
	case tensor.Float64:
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v))
	case tensor.Float32:
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(v)))
	default:
		out = binary.LittleEndian.AppendUint16(out, tensor.HalfFromFloat(v))
	}
	b.Write(out)
	return nil
}
