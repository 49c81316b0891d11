package hdf5

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
)

// Filters by their registered numbers.
const (
	filterGzip       = 1
	filterShuffle    = 2
	filterFletcher32 = 3
)

var filterNames = map[int]string{4: "szip", 5: "nbit", 6: "scale-offset", 32000: "lzf", 32001: "blosc",
	32004: "lz4", 32008: "bitshuffle", 32013: "zfp", 32015: "zstd"}

// filter is one step that chunks went through on their way to the file.
type filter struct {
	id   int
	size int // shuffle: bytes of an element
}

// filters reads a filter pipeline message (IV.A.2.l of the specification).
func (c *cursor) filters() []filter {
	const most = 32
	version := c.version("a filter pipeline", 1, 2)
	n := c.u8()
	if version == 1 {
		c.skip(6)
	}
	if n > most {
		c.fail("%d filters, at most %d", n, most)
	}
	var list []filter
	for range n {
		if c.err != nil {
			break
		}
		list = append(list, c.filter(version))
	}
	return list
}

func (c *cursor) filter(version int) filter {
	f := filter{id: c.u16()}
	var name int
	if version == 1 || f.id >= 256 {
		name = c.u16()
	}
	c.skip(2) // flags
	values := c.u16()
	if version == 1 {
		name = (name + 7) &^ 7
	}
	c.skip(name)
	v := c.sub(4 * values)
	if version == 1 && values%2 == 1 {
		c.skip(4)
	}
	if f.id == filterShuffle && values > 0 {
		f.size = int(v.u32())
	}
	return f
}

// check names the filters that are not read.
func (l *layout) check() error {
	for _, f := range l.filters {
		switch f.id {
		case filterGzip, filterFletcher32:
		case filterShuffle:
			if f.size < 1 || uint64(f.size) > l.elem {
				return fmt.Errorf("shuffle of elements of %d bytes", f.size)
			}
		default:
			return fmt.Errorf("filter %d %s is not read; gzip, shuffle and fletcher32 are", f.id, filterNames[f.id])
		}
	}
	return nil
}

// undo takes a chunk back through the filters, the last one first, but not
// through those whose bit is set in mask. A chunk has size bytes at the end.
func (l *layout) undo(b []byte, size int, mask uint32) ([]byte, error) {
	var err error
	for i := len(l.filters) - 1; i >= 0 && err == nil; i-- {
		if mask>>i&1 != 0 {
			continue
		}
		before := size // bytes that the filter was given
		for j := range i {
			if l.filters[j].id == filterFletcher32 && mask>>j&1 == 0 {
				before += 4
			}
		}
		switch f := l.filters[i]; f.id {
		case filterGzip:
			b, err = inflate(b, before)
		case filterShuffle:
			b = unshuffle(b, f.size)
		case filterFletcher32:
			b, err = verify(b)
		}
	}
	if err == nil && len(b) != size {
		err = fmt.Errorf("a chunk of %d bytes, wanted %d", len(b), size)
	}
	return b, err
}

// inflate uncompresses to exactly n bytes.
func inflate(b []byte, n int) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	defer func() { _ = z.Close() }()
	out := make([]byte, n)
	if k, err := io.ReadFull(z, out); err != nil {
		return nil, fmt.Errorf("gzip after %d of %d bytes: %w", k, n, err)
	}
	var more [1]byte
	if k, err := z.Read(more[:]); k > 0 || err != io.EOF {
		return nil, fmt.Errorf("gzip: more than %d bytes, or a wrong checksum", n)
	}
	return out, nil
}

// unshuffle puts the bytes of each element together again: first come the first
// bytes of all elements, then the second ones, and so on; bytes that make no
// whole element stay at the end.
func unshuffle(b []byte, size int) []byte {
	out := make([]byte, len(b))
	n := len(b) / size
	for k := range size {
		for i, v := range b[k*n : (k+1)*n] {
			out[i*size+k] = v
		}
	}
	copy(out[n*size:], b[n*size:])
	return out
}

// verify compares the checksum at the end of b and takes it off.
func verify(b []byte) ([]byte, error) {
	if len(b) < 4 {
		return nil, fmt.Errorf("fletcher32: a chunk of %d bytes", len(b))
	}
	b, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	if got := fletcher32(b); got != sum {
		return nil, fmt.Errorf("fletcher32: the chunk's sum is %#08x, the file says %#08x", got, sum)
	}
	return b, nil
}
