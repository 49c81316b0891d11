package hdf5

// entry reads one element of a fixed or extensible array and puts its chunk.
func (g *grid) entry(c *cursor, size int, at []uint64) error {
	place := *c
	addr, n, mask := c.addr(), g.bytes, uint32(0)
	if k := size - c.f.so - 4; k > 0 {
		n, mask = c.uint(k), c.u32()
	}
	if c.err != nil || addr == undefined {
		return c.err
	}
	return g.put(&place, at, addr, n, mask)
}

// entrySize checks the size of an entry: an address, and with filters a size and
// a mask as well.
func (g *grid) entrySize(c *cursor, client, size int) {
	filtered := len(g.d.layout.filters) > 0
	k := size - c.f.so - 4
	if c.err == nil && (filtered != (client == 1) || filtered && (k < 1 || k > 8) || !filtered && size != c.f.so) {
		c.fail("entries of kind %d and %d bytes in an array of chunks with %d filters", client, size, len(g.d.layout.filters))
	}
}

// fixed reads chunks by way of a fixed array (appendix C of the specification): a
// header, then a block of entries, cut into pages if there are many.
func (g *grid) fixed() error {
	f := g.d.f
	c := f.rest(g.d.layout.addr, "a fixed array")
	c.want("FAHD")
	c.version("a fixed array", 0)
	client, size, page := c.u8(), c.u8(), c.u8()
	n, block := c.length(), c.addr()
	c.sum()
	g.entrySize(c, client, size)
	if c.err == nil && (page > 32 || n > uint64(len(f.b))) {
		c.fail("a fixed array of %d entries in pages of 2^%d", n, page)
	}
	if c.err != nil || block == undefined {
		return c.err
	}
	p := pages{f: f, size: uint64(size), perPage: 1 << page, n: n}
	b := f.rest(block, "the block of a fixed array")
	b.want("FADB")
	b.version("the block of a fixed array", 0)
	b.skip(1 + f.so) // client, header
	p.open(b, block)
	if b.err != nil {
		return b.err
	}
	return g.linear(g.most, func(c *cursor, number uint64, at []uint64) error {
		e, err := p.entry(number)
		if e == nil || err != nil {
			return err
		}
		return g.entry(e, size, at)
	})
}

// pages is the entries of one block of a fixed or extensible array. Few stand in
// the block itself; many are cut into pages with a checksum each, and a bit says
// whether a page has been written.
type pages struct {
	f       *File
	size    uint64 // bytes of an entry
	perPage uint64
	n       uint64
	written []byte // bits, the first page's the highest; nil when there are no pages
	skip    uint64 // bits before those of this block
	first   uint64 // address of the first entry or page
	checked map[uint64]bool
}

// open reads what stands between the head of the block and its entries; b began
// at addr.
func (p *pages) open(b *cursor, addr uint64) {
	if p.n > p.perPage {
		count := (p.n-1)/p.perPage + 1
		p.written = b.bytes(int((count + 7) / 8))
		b.sum()
		p.first = addr + uint64(b.at)
		p.checked = map[uint64]bool{}
		return
	}
	p.first = addr + uint64(b.at)
	if p.n > uint64(len(b.b))/p.size {
		b.fail("an array of %d entries", p.n)
	}
	b.skip(int(p.n * p.size))
	b.sum()
}

// entry is a cursor over entry i, nil if its page has not been written.
func (p *pages) entry(i uint64) (*cursor, error) {
	switch {
	case i >= p.n:
		return nil, nil
	case p.written == nil:
		c := p.f.block(p.first+i*p.size, p.size, "an entry of an array of chunks")
		return c, c.err
	}
	page := i / p.perPage
	if bit := p.skip + page; p.written[bit/8]>>(7-bit%8)&1 == 0 {
		return nil, nil
	}
	start := p.first + page*(p.perPage*p.size+4)
	n := min(p.perPage, p.n-page*p.perPage) * p.size
	if !p.checked[page] {
		c := p.f.block(start, n+4, "a page of an array of chunks")
		c.skip(int(n))
		if c.sum(); c.err != nil {
			return nil, c.err
		}
		p.checked[page] = true
	}
	c := p.f.block(start+i%p.perPage*p.size, p.size, "an entry of an array of chunks")
	return c, c.err
}
