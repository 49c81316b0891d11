package hdf5

import "bytes"

// signature begins every file.
const signature = "\x89HDF\r\n\x1a\n"

// superblock finds the superblock, at byte 0, 512, 1024, 2048, … (II.A of the
// specification: bytes before it belong to the user), and reads it.
func (f *File) superblock() error {
	start := 0
	for !bytes.HasPrefix(f.b[start:], []byte(signature)) {
		if start = max(512, 2*start); start >= len(f.b) {
			return &FormatError{Reason: "this is no HDF5 file: the signature is not at byte 0, 512, 1024, …"}
		}
	}
	f.b, f.base = f.b[start:], int64(start)
	f.so, f.sl = 8, 8
	c := f.rest(0, "the superblock")
	c.skip(len(signature))
	var base, end uint64
	switch version := c.version("the superblock", 0, 1, 2, 3); version {
	case 0, 1:
		base, end = f.oldSuperblock(c, version)
	default:
		base, end = f.newSuperblock(c)
	}
	if c.err == nil && end < base {
		c.fail("the end, %d, is before the beginning, %d", end, base)
	}
	end -= base // what stood in front of the file when it was written
	if c.err == nil && end > uint64(len(f.b)) {
		c.fail("the file ends at byte %d, its superblock says %d: it is cut short", len(f.b), end)
	}
	if c.err == nil {
		// What stands behind the end belongs to nobody.
		f.b = f.b[:end]
	}
	return c.err
}

// oldSuperblock reads versions 0 and 1 behind the version.
func (f *File) oldSuperblock(c *cursor, version int) (base, end uint64) {
	c.skip(4)
	f.sizes(c)
	c.skip(1 + 4 + 4) // reserved, K of groups, flags
	if version == 1 {
		c.skip(4)
	}
	base = c.addr()
	c.addr() // free space
	end = c.addr()
	c.addr()   // driver information
	c.length() // name of the root group
	f.root = c.addr()
	return base, end
}

// newSuperblock reads versions 2 and 3 behind the version.
func (f *File) newSuperblock(c *cursor) (base, end uint64) {
	f.sizes(c)
	c.skip(1) // flags
	base = c.addr()
	c.addr() // extension
	end = c.addr()
	f.root = c.addr()
	c.sum()
	return base, end
}

// sizes reads the sizes of addresses and lengths.
func (f *File) sizes(c *cursor) {
	so, sl := c.u8(), c.u8()
	for _, n := range []int{so, sl} {
		if n != 2 && n != 4 && n != 8 {
			c.fail("addresses of %d and lengths of %d bytes; 2, 4 and 8 are read", so, sl)
			return
		}
	}
	f.so, f.sl = so, sl
}
