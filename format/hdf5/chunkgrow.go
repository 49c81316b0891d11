package hdf5

import (
	"math/bits"
	"slices"
)

// growing is an extensible array, the index of chunks when one axis has no limit
// (appendix D of the specification). The first entries stand in the index block.
// The next ones are in data blocks whose addresses stand there, too; all others
// are in data blocks that hang on secondary blocks. Secondary block u, counted
// from the first data block on, has 2^⌊u/2⌋ data blocks of 2^⌈u/2⌉ times the
// smallest number of entries.
type growing struct {
	g       *grid
	addr    uint64 // of the header
	size    int    // bytes of an entry
	bits    int    // of the number of entries
	inIndex uint64 // entries in the index block
	least   uint64 // entries of the smallest data block
	direct  int    // secondary blocks whose data blocks hang on the index block
	perPage uint64
	index   *cursor // the entries and addresses in the index block
	second  map[int]*cursor
	blocks  map[uint64]*pages
}

// extensible reads chunks by way of an extensible array.
func (g *grid) extensible() error {
	a, err := g.growing()
	if err != nil || a == nil {
		return err
	}
	axis := slices.Index(g.most, undefined)
	return g.linear(g.most, func(_ *cursor, _ uint64, at []uint64) error {
		number := uint64(0) // in row-major order with the axis without limit first
		if axis >= 0 {
			number = at[axis]
		}
		for i, k := range at {
			if i != axis {
				number = number*g.most[i] + k
			}
		}
		e, err := a.entry(number)
		if e == nil || err != nil {
			return err
		}
		return g.entry(e, a.size, at)
	})
}

// growing reads the header and the index block; nil if nothing was written.
func (g *grid) growing() (*growing, error) {
	f := g.d.f
	a := &growing{g: g, addr: g.d.layout.addr, second: map[int]*cursor{}, blocks: map[uint64]*pages{}}
	c := f.rest(a.addr, "an extensible array")
	c.want("EAHD")
	c.version("an extensible array", 0)
	client := c.u8()
	a.size, a.bits, a.inIndex, a.least = c.u8(), c.u8(), uint64(c.u8()), uint64(c.u8())
	pointers, page := uint64(c.u8()), c.u8()
	for range 6 {
		c.length() // what there is
	}
	index := c.addr()
	c.sum()
	g.entrySize(c, client, a.size)
	if c.err == nil && (bits.OnesCount64(a.least) != 1 || bits.OnesCount64(pointers) != 1 || page > 32 || a.bits > 64 || a.bits < bits.Len64(a.least)) {
		c.fail("an extensible array of 2^%d entries, blocks of %d, %d pointers, pages of 2^%d", a.bits, a.least, pointers, page)
	}
	if c.err != nil || index == undefined {
		return nil, c.err
	}
	a.direct, a.perPage = 2*(bits.Len64(pointers)-1), 1<<page
	seconds := 1 + a.bits - (bits.Len64(a.least) - 1) - a.direct
	c = f.rest(index, "the index block of an extensible array")
	a.head(c, "EAIB")
	start := c.at
	c.skip(int(a.inIndex)*a.size + (2*(int(pointers)-1)+max(seconds, 0))*f.so)
	c.sum()
	if c.err != nil {
		return nil, c.err
	}
	c.b, c.place, c.at = c.b[start:c.at-4], c.place+int64(start), 0
	a.index = c
	return a, nil
}

// head reads what all blocks begin with.
func (a *growing) head(c *cursor, mark string) {
	c.want(mark)
	c.version("a block of an extensible array", 0)
	c.skip(1) // client
	if back := c.addr(); c.err == nil && back != a.addr {
		c.fail("a block of another extensible array, that at %d", back)
	}
}

// entry is a cursor over entry i, nil if it has not been written.
func (a *growing) entry(i uint64) (*cursor, error) {
	if i < a.inIndex {
		c := *a.index
		c.at = int(i) * a.size
		return &c, nil
	}
	i -= a.inIndex
	u := bits.Len64(i/a.least+1) - 1
	if u > a.bits {
		return nil, nil
	}
	i -= (1<<u - 1) * a.least // entries before block u
	inBlock := a.least << ((u + 1) / 2)
	block, i := i/inBlock, i%inBlock
	if u < a.direct {
		c := *a.index
		c.at = int(a.inIndex)*a.size + int(blocksBefore(u)+block)*a.g.d.f.so
		return a.inData(&c, i, inBlock, 0, nil)
	}
	s, err := a.secondary(u, inBlock)
	if s == nil || err != nil {
		return nil, err
	}
	var written []byte
	if inBlock > a.perPage {
		written = s.b[:len(s.b)-a.g.d.f.so<<(u/2)]
	}
	c := *s
	c.at = len(written) + int(block)*a.g.d.f.so
	return a.inData(&c, i, inBlock, block, written)
}

// blocksBefore is the number of data blocks before those of secondary block u.
func blocksBefore(u int) uint64 {
	n := uint64(0)
	for v := range u {
		n += 1 << (v / 2)
	}
	return n
}

// secondary is the bits of pages and the addresses of data blocks in secondary
// block u; nil if it has not been written.
func (a *growing) secondary(u int, inBlock uint64) (*cursor, error) {
	if s, ok := a.second[u]; ok {
		return s, nil
	}
	f := a.g.d.f
	c := *a.index
	c.at = len(c.b) + (u-(a.bits-bits.Len64(a.least)+2))*f.so
	addr := c.addr()
	if c.err != nil || addr == undefined {
		return nil, c.err
	}
	s := f.rest(addr, "a secondary block of an extensible array")
	a.head(s, "EASB")
	s.skip((a.bits + 7) / 8) // offset of the block
	start, n := s.at, uint64(f.so)
	if inBlock > a.perPage {
		n += (inBlock/a.perPage + 7) / 8
	}
	if n > uint64(len(f.b))>>(u/2) {
		s.fail("a secondary block of %d times %d bytes", uint64(1)<<(u/2), n)
	}
	s.skip(int(n << (u / 2)))
	s.sum()
	if s.err != nil {
		return nil, s.err
	}
	s.b, s.place, s.at = s.b[start:s.at-4], s.place+int64(start), 0
	a.second[u] = s
	return s, nil
}

// inData is entry i of a data block of n entries whose address is next in c.
// Block number block of its secondary block has its bits of pages in written.
func (a *growing) inData(c *cursor, i, n, block uint64, written []byte) (*cursor, error) {
	addr := c.addr()
	if c.err != nil || addr == undefined {
		return nil, c.err
	}
	p, ok := a.blocks[addr]
	if !ok {
		f := a.g.d.f
		b := f.rest(addr, "a data block of an extensible array")
		a.head(b, "EADB")
		b.skip((a.bits + 7) / 8)
		p = &pages{f: f, size: uint64(a.size), perPage: a.perPage, n: n}
		if n > a.perPage {
			if b.sum(); written == nil {
				b.fail("pages in a data block that hangs on the index block")
			}
			p.written, p.skip = written, block*(n/a.perPage)
			p.first, p.checked = addr+uint64(b.at), map[uint64]bool{}
		} else {
			p.perPage = n
			p.open(b, addr)
		}
		if b.err != nil {
			return nil, b.err
		}
		a.blocks[addr] = p
	}
	return p.entry(i)
}
