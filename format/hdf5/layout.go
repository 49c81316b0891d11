package hdf5

// Classes of layout (IV.A.2.i of the specification).
const (
	compact    = 0
	contiguous = 1
	chunked    = 2
)

// Chunk indices.
const (
	byTree1      = 0 // what version 3 of the message has
	bySingle     = 1
	byImplicit   = 2
	byFixed      = 3
	byExtensible = 4
	byTree2      = 5
)

// layout says where the elements of a dataset are.
type layout struct {
	class   int
	data    []byte // compact: the elements, shared
	addr    uint64 // contiguous: the elements; chunked: the index
	size    uint64 // contiguous: bytes of elements
	filters []filter

	chunk  []uint64 // size of a chunk along each axis
	elem   uint64   // bytes of an element, as the layout says
	index  int      // by what chunks are found
	whole  bool     // chunks that reach over the edge went through no filter
	single struct { // the one chunk, when it went through filters
		filtered bool
		size     uint64
		mask     uint32
	}
}

// layout reads a layout message.
func (c *cursor) layout() layout {
	version := c.version("a layout", 3, 4, 5)
	l := layout{class: c.u8()}
	switch l.class {
	case compact:
		l.data = c.bytes(c.u16())
	case contiguous:
		l.addr, l.size = c.addr(), c.length()
	case chunked:
		if version == 3 {
			rank := c.u8()
			l.addr = c.addr()
			c.chunkSizes(&l, rank, 4)
			return l
		}
		c.indexed(&l)
	default:
		c.fail("a layout of class %d is not read (3 is a virtual dataset)", l.class)
	}
	return l
}

// chunkSizes reads the sizes of a chunk, of n bytes each, the last of which is
// that of an element in bytes.
func (c *cursor) chunkSizes(l *layout, rank, n int) {
	if rank < 1 || rank > maxAxes+1 {
		c.fail("chunks of %d axes", rank-1)
		return
	}
	for range rank {
		v := c.uint(n)
		if c.err == nil && v == 0 {
			c.fail("chunks of size 0")
		}
		l.chunk = append(l.chunk, v)
	}
	l.elem = l.chunk[rank-1]
	l.chunk = l.chunk[:rank-1]
}

// indexed reads what version 4 of the message has for chunks.
func (c *cursor) indexed(l *layout) {
	flags, rank, n := c.u8(), c.u8(), c.u8()
	if n < 1 || n > 8 {
		c.fail("chunk sizes of %d bytes", n)
		return
	}
	c.chunkSizes(l, rank, n)
	l.whole = flags&1 != 0
	switch l.index = c.u8(); l.index {
	case bySingle:
		if l.single.filtered = flags&2 != 0; l.single.filtered {
			l.single.size, l.single.mask = c.length(), c.u32()
		}
	case byImplicit:
	case byFixed:
		c.skip(1) // bits of a page
	case byExtensible:
		c.skip(5) // what the index itself says again
	case byTree2:
		c.skip(6)
	default:
		c.fail("chunk index of kind %d", l.index)
	}
	l.addr = c.addr()
}

// chunkBytes is the size of a chunk before filters.
func (l *layout) chunkBytes() (uint64, bool) {
	n, ok := product(l.chunk)
	if !ok {
		return 0, false
	}
	return product([]uint64{n, l.elem})
}
