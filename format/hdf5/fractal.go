package hdf5

import "math/bits"

// fractalHeap holds the links and attributes of objects that have many (III.G
// of the specification).
type fractalHeap struct {
	f         *File
	idSize    int
	tableSize uint64 // blocks in a row
	start     uint64 // bytes of the smallest block
	most      uint64 // bytes of the largest direct block
	offset    int    // bytes of an offset in the heap
	length    int    // bytes of an object's length
	huge      uint64 // address of the B-tree of huge objects
	root      uint64
	rows      int // of the root; 0 means that it is a direct block
	large     map[uint64][]byte
	checked   map[uint64]bool // indirect blocks whose checksums were compared
}

// fractalHeap reads the header at addr.
func (f *File) fractalHeap(addr uint64) (*fractalHeap, error) {
	h := &fractalHeap{f: f, checked: map[uint64]bool{}}
	c := f.rest(addr, "a fractal heap")
	c.want("FRHP")
	c.version("a fractal heap", 0)
	h.idSize = c.u16()
	filters := c.u16()
	c.skip(1) // flags
	object := uint64(c.u32())
	c.length() // next huge object
	h.huge = c.addr()
	c.length() // free space
	c.addr()   // its manager
	for range 8 {
		c.length() // what is allocated and how many objects there are
	}
	h.tableSize, h.start, h.most = uint64(c.u16()), c.length(), c.length()
	width := c.u16()
	c.skip(2) // rows at first
	h.root, h.rows = c.addr(), c.u16()
	if c.err == nil && filters != 0 {
		c.fail("a fractal heap with filters is not read")
	}
	c.sum()
	h.offset, h.length = (width+7)/8, bytesFor(min(h.most, object))
	if c.err == nil && !h.sound(width) {
		c.fail("a fractal heap with %d blocks a row, blocks of %d to %d bytes, %d bits an offset", h.tableSize, h.start, h.most, width)
	}
	return h, c.err
}

// sound says whether the sizes are powers of two of a possible size.
func (h *fractalHeap) sound(width int) bool {
	for _, v := range []uint64{h.tableSize, h.start, h.most} {
		if bits.OnesCount64(v) != 1 || v > 1<<32 {
			return false
		}
	}
	first := bits.Len64(h.start * h.tableSize)
	return h.start <= h.most && width > 0 && width <= 64 && first+h.rows <= 62 && h.idSize >= 1+h.offset+h.length
}

// object is the bytes of an object, shared; id is a cursor over its heap ID.
func (h *fractalHeap) object(id *cursor) ([]byte, error) {
	head := id.u8()
	if id.err == nil && head>>6 != 0 {
		id.fail("version %d of an object's place in a fractal heap", head>>6)
	}
	switch kind := head >> 4 & 3; kind {
	case 0:
		offset, n := id.uint(h.offset), id.uint(h.length)
		if id.err != nil {
			return nil, id.err
		}
		return h.managed(id, offset, n)
	case 1:
		return h.hugeObject(id)
	case 2:
		return id.bytes(head&15 + 1), id.err
	default:
		id.fail("kind %d of an object in a fractal heap", kind)
		return nil, id.err
	}
}

// managed finds an object by its offset in the heap: down from the root,
// through ever smaller indirect blocks.
func (h *fractalHeap) managed(id *cursor, offset, n uint64) ([]byte, error) {
	addr, size, from := h.root, h.start, uint64(0)
	for rows := h.rows; rows > 0; {
		row, column, begin, block := h.place(offset-from, rows)
		if row >= rows {
			id.fail("an object at %d of a fractal heap, behind its %d rows", offset, rows)
			return nil, id.err
		}
		var err error
		if addr, err = h.child(addr, rows, uint64(row)*h.tableSize+column); err != nil {
			return nil, err
		}
		from, size, rows = from+begin, block, 0
		if size > h.most {
			rows = h.rowsOf(size)
		}
	}
	b := h.f.block(addr, size, "a block of a fractal heap")
	b.want("FHDB")
	b.version("a block of a fractal heap", 0)
	if offset -= from; b.err == nil && (offset >= size || n > size-offset) {
		b.fail("an object of %d bytes at %d of a block of %d", n, offset, size)
	}
	if b.err != nil {
		return nil, b.err
	}
	return b.b[offset : offset+n : offset+n], nil
}

// place is where an offset lies in an indirect block of so many rows: row and
// column, where that child begins, and its size. The first two rows have blocks
// of the smallest size; each further row doubles it.
func (h *fractalHeap) place(offset uint64, rows int) (row int, column, begin, size uint64) {
	first := h.start * h.tableSize
	if offset < first {
		column = offset / h.start
		return 0, column, column * h.start, h.start
	}
	if row = bits.Len64(offset / first); row >= rows { // 1, 2, …
		return row, 0, 0, 0
	}
	size = h.start << (row - 1)
	rowBegin := first << (row - 1)
	column = (offset - rowBegin) / size
	return row, column, rowBegin + column*size, size
}

// rowsOf is the number of rows of an indirect block that spans size bytes.
func (h *fractalHeap) rowsOf(size uint64) int {
	return max(bits.Len64(size)-bits.Len64(h.start*h.tableSize)+1, 1)
}

// child is the address of a child of the indirect block at addr.
func (h *fractalHeap) child(addr uint64, rows int, index uint64) (uint64, error) {
	head := uint64(5 + h.f.so + h.offset)
	n := uint64(rows)*h.tableSize*uint64(h.f.so) + head + 4
	b := h.f.block(addr, n, "an indirect block of a fractal heap")
	b.want("FHIB")
	b.version("an indirect block of a fractal heap", 0)
	if !h.checked[addr] {
		b.skip(int(n - 4 - 5))
		b.sum()
	}
	if b.err != nil {
		return 0, b.err
	}
	h.checked[addr] = true
	b.at = int(head + index*uint64(h.f.so))
	return b.addr(), b.err
}

// hugeObject finds an object that stands outside the heap, by its number.
func (h *fractalHeap) hugeObject(id *cursor) ([]byte, error) {
	if h.idSize-1 >= h.f.so+h.f.sl { // the place stands in the ID
		addr, n := id.addr(), id.length()
		if id.err != nil {
			return nil, id.err
		}
		b := h.f.block(addr, n, "a huge object of a fractal heap")
		return b.b, b.err
	}
	key := id.uint(min(h.idSize-1, 8))
	if id.err != nil {
		return nil, id.err
	}
	if h.large == nil {
		large := map[uint64][]byte{}
		err := h.f.tree2(h.huge, treeOfHuge, func(c *cursor) error {
			addr, n, number := c.addr(), c.length(), c.length()
			if c.err != nil {
				return c.err
			}
			b := h.f.block(addr, n, "a huge object of a fractal heap")
			large[number] = b.b
			return b.err
		})
		if err != nil {
			return nil, err
		}
		h.large = large
	}
	b, ok := h.large[key]
	if !ok {
		id.fail("the fractal heap has no huge object %d", key)
	}
	return b, id.err
}
