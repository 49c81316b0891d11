package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// undefined is the address of what has not been written.
const undefined = 1<<64 - 1

// cursor reads the little-endian fields of one structure. The first mistake
// sticks; reads after it give zeros.
type cursor struct {
	f     *File
	b     []byte
	at    int
	place int64 // of b in the file
	err   error
}

// block is n bytes at an address, or a cursor with an error.
func (f *File) block(addr, n uint64, what string) *cursor {
	c := &cursor{f: f, place: f.base}
	switch size := uint64(len(f.b)); {
	case addr == undefined:
		c.fail("%s has no address", what)
	case addr > size || n > size-addr:
		c.fail("%s of %d bytes at address %d, the file has %d", what, n, addr, size)
	default:
		c.b, c.place = f.b[addr:addr+n], f.base+int64(addr)
	}
	return c
}

// rest is all bytes from an address on.
func (f *File) rest(addr uint64, what string) *cursor {
	size := uint64(len(f.b))
	if addr >= size {
		return f.block(addr, 1, what)
	}
	return f.block(addr, size-addr, what)
}

// sub is a cursor over the next n bytes, which c skips.
func (c *cursor) sub(n int) *cursor {
	place := c.place + int64(c.at)
	b := c.bytes(n)
	return &cursor{f: c.f, b: b, place: place, err: c.err}
}

func (c *cursor) fail(reason string, args ...any) {
	if c.err == nil {
		c.err = &FormatError{Offset: c.place + int64(c.at), Reason: fmt.Sprintf(reason, args...)}
	}
}

func (c *cursor) left() int { return len(c.b) - c.at }

// bytes is the next n bytes, shared.
func (c *cursor) bytes(n int) []byte {
	if c.err == nil && (n < 0 || n > c.left()) {
		c.fail("ends after %d of %d bytes", c.left(), n)
	}
	if c.err != nil {
		return nil
	}
	c.at += n
	return c.b[c.at-n : c.at : c.at]
}

func (c *cursor) skip(n int) { c.bytes(n) }

// uint reads an unsigned integer of n bytes, 1 to 8.
func (c *cursor) uint(n int) uint64 {
	var v [8]byte
	copy(v[:], c.bytes(n))
	return binary.LittleEndian.Uint64(v[:])
}

func (c *cursor) u8() int     { return int(c.uint(1)) }
func (c *cursor) u16() int    { return int(c.uint(2)) }
func (c *cursor) u32() uint32 { return uint32(c.uint(4)) }

// addr reads an address; all bits set means undefined at any size.
func (c *cursor) addr() uint64 {
	v := c.uint(c.f.so)
	if v == 1<<(8*c.f.so)-1 {
		return undefined
	}
	return v
}

func (c *cursor) length() uint64 { return c.uint(c.f.sl) }

// want reads bytes that must be those of s, the mark of a structure.
func (c *cursor) want(s string) {
	if got := c.bytes(len(s)); c.err == nil && string(got) != s {
		c.at -= len(s)
		c.fail("wanted %q, there is %q", s, got)
	}
}

// version reads a byte that must be one of those given.
func (c *cursor) version(what string, known ...int) int {
	v := c.u8()
	if c.err != nil {
		return v
	}
	for _, k := range known {
		if v == k {
			return v
		}
	}
	c.at--
	c.fail("version %d of %s is not read, %v are", v, what, known)
	return v
}

// text reads characters up to a zero, which it skips.
func (c *cursor) text() string {
	n := bytes.IndexByte(c.b[min(c.at, len(c.b)):], 0)
	if n < 0 {
		c.fail("a text without end")
		return ""
	}
	s := string(c.bytes(n))
	c.skip(1)
	return s
}

// sum reads the checksum of everything before it in c and compares.
func (c *cursor) sum() {
	n := c.at
	want := c.u32()
	if c.err == nil && !c.f.loose && want != lookup3(c.b[:n]) {
		c.at -= 4
		c.fail("the checksum does not fit the %d bytes before it", n)
	}
}

// once remembers the addresses of nodes, since a tree visits none twice.
type once map[uint64]bool

func (o once) visit(c *cursor, addr uint64) {
	if o[addr] {
		c.fail("the node at address %d stands in its tree twice", addr)
	}
	o[addr] = true
}
