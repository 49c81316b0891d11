package hdf5

import "fmt"

// maxAbsent is how many chunks of a dataset may be absent from the file.
const maxAbsent = 1 << 20

// grid is the chunks of a dataset being read.
type grid struct {
	d     *Dataset
	out   []byte
	count []uint64 // chunks along each axis
	most  []uint64 // and if the dataset had grown to its limits
	bytes uint64   // of a chunk
	seen  []uint64 // a bit for each chunk
}

// chunks fills out with the elements of all chunks.
func (d *Dataset) chunks(out []byte) error {
	g, err := d.grid(out)
	if err != nil {
		return err
	}
	d.filled(out)
	if d.layout.addr == undefined {
		return nil
	}
	switch d.layout.index {
	case byTree1:
		return g.tree1()
	case bySingle:
		return g.single()
	case byImplicit:
		return g.implicit()
	case byFixed:
		return g.fixed()
	case byExtensible:
		return g.extensible()
	}
	return g.tree2()
}

// grid checks the sizes of chunks.
func (d *Dataset) grid(out []byte) (*grid, error) {
	l := &d.layout
	if len(l.chunk) != len(d.space.dims) || l.elem != uint64(d.elem.size) {
		return nil, d.bad(0, "chunks of %v elements of %d bytes in a dataset of %v elements of %d", l.chunk, l.elem, d.space.dims, d.elem.size)
	}
	if err := l.check(); err != nil {
		return nil, d.bad(0, "%v", err)
	}
	g := &grid{d: d, out: out}
	g.bytes, _ = l.chunkBytes()
	for i, n := range d.space.dims {
		g.count = append(g.count, (n-1)/l.chunk[i]+1)
		m := uint64(undefined)
		if v := d.space.most[i]; v != undefined {
			m = (max(v, 1)-1)/l.chunk[i] + 1
		}
		g.most = append(g.most, m)
	}
	n, ok := product(g.count)
	all, fits := product([]uint64{n, g.bytes})
	if !ok || !fits || all > uint64(d.f.limits.Memory) || n > maxAbsent+uint64(len(d.f.b)) {
		return nil, d.bad(0, "%v chunks of %d bytes in a file of %d bytes", g.count, g.bytes, len(d.f.b))
	}
	g.seen = make([]uint64, n/64+1)
	return g, nil
}

// put copies one chunk to its place. It is given the chunk's number along each
// axis and where it is in the file.
func (g *grid) put(c *cursor, at []uint64, addr, size uint64, mask uint32) error {
	number, edge := uint64(0), false
	for i, k := range at {
		if k >= g.count[i] {
			return nil // left over from before the dataset was made smaller
		}
		number = number*g.count[i] + k
		edge = edge || (k+1)*g.d.layout.chunk[i] > g.d.space.dims[i]
	}
	if g.seen[number/64]>>(number%64)&1 != 0 {
		c.fail("the chunk at %v stands in the index twice", at)
		return c.err
	}
	g.seen[number/64] |= 1 << (number % 64)
	if edge && g.d.layout.whole {
		mask = 1<<32 - 1
	}
	b := g.d.f.block(addr, size, fmt.Sprintf("the chunk at %v", at))
	if b.err != nil {
		return b.err
	}
	data, err := g.d.layout.undo(b.b, int(g.bytes), mask)
	if err != nil {
		b.fail("the chunk at %v: %v", at, err)
		return b.err
	}
	g.copy(data, at)
	return nil
}

// copy copies the part of a chunk that lies in the dataset, row by row.
func (g *grid) copy(data []byte, at []uint64) {
	l, dims := &g.d.layout, g.d.space.dims
	rank := len(dims)
	if rank == 0 {
		copy(g.out, data)
		return
	}
	size := make([]uint64, rank) // of the part
	for i := range size {
		size[i] = min(l.chunk[i], dims[i]-at[i]*l.chunk[i])
	}
	row := size[rank-1] * l.elem
	k := make([]uint64, rank) // where in the part a row begins
	for {
		from, to := uint64(0), uint64(0)
		for i := range rank {
			from = from*l.chunk[i] + k[i]
			to = to*dims[i] + at[i]*l.chunk[i] + k[i]
		}
		copy(g.out[to*l.elem:][:row], data[from*l.elem:])
		i := rank - 2
		for ; i >= 0; i-- {
			if k[i]++; k[i] < size[i] {
				break
			}
			k[i] = 0
		}
		if i < 0 {
			return
		}
	}
}

// tree1 reads chunks by way of a version 1 B-tree, whose keys are the size in the
// file, the mask of filters, and the first element along each axis.
func (g *grid) tree1() error {
	l := &g.d.layout
	rank := len(l.chunk)
	return g.d.f.tree1(l.addr, treeOfChunks, 8+8*(rank+1), func(key *cursor, child uint64) error {
		size, mask := uint64(key.u32()), key.u32()
		at := make([]uint64, rank)
		for i := range at {
			v := key.uint(8)
			if key.err == nil && v%l.chunk[i] != 0 {
				key.fail("a chunk begins at %d, not at a multiple of %d", v, l.chunk[i])
			}
			at[i] = v / l.chunk[i]
		}
		if key.err != nil {
			return key.err
		}
		return g.put(key, at, child, size, mask)
	})
}

// single reads the one chunk.
func (g *grid) single() error {
	l := &g.d.layout
	size, mask := g.bytes, uint32(0)
	if l.single.filtered {
		size, mask = l.single.size, l.single.mask
	} else if len(l.filters) > 0 {
		mask = 1<<32 - 1
	}
	return g.put(&cursor{f: g.d.f, place: g.d.place}, make([]uint64, len(l.chunk)), l.addr, size, mask)
}

// implicit reads chunks that stand one after the other.
func (g *grid) implicit() error {
	return g.linear(g.most, func(c *cursor, number uint64, at []uint64) error {
		return g.put(c, at, g.d.layout.addr+number*g.bytes, g.bytes, 1<<32-1)
	})
}

// linear calls f for each chunk, with its number in row-major order among most.
func (g *grid) linear(most []uint64, f func(c *cursor, number uint64, at []uint64) error) error {
	at := make([]uint64, len(g.count))
	for {
		number := uint64(0)
		for i, k := range at {
			number = number*most[i] + k
		}
		c := &cursor{f: g.d.f, place: g.d.place}
		if err := f(c, number, at); err != nil {
			return err
		}
		i := len(at) - 1
		for ; i >= 0; i-- {
			if at[i]++; at[i] < g.count[i] {
				break
			}
			at[i] = 0
		}
		if i < 0 {
			return nil
		}
	}
}

// tree2 reads chunks by way of a version 2 B-tree.
func (g *grid) tree2() error {
	l := &g.d.layout
	kind, rank := treeOfPlain, len(l.chunk)
	if len(l.filters) > 0 {
		kind = treeOfFiltered
	}
	return g.d.f.tree2(l.addr, kind, func(c *cursor) error {
		addr, size, mask := c.addr(), g.bytes, uint32(0)
		if kind == treeOfFiltered {
			size = c.uint(min(max(c.left()-4-8*rank, 1), 8))
			mask = c.u32()
		}
		at := make([]uint64, rank)
		for i := range at {
			at[i] = c.uint(8)
		}
		if c.err != nil {
			return c.err
		}
		return g.put(c, at, addr, size, mask)
	})
}
