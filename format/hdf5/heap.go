package hdf5

import (
	"cmp"
	"slices"
)

// localHeap is the names of one old group (III.D of the specification).
func (f *File) localHeap(addr uint64) (*cursor, error) {
	c := f.rest(addr, "a local heap")
	c.want("HEAP")
	c.version("a local heap", 0)
	c.skip(3)
	size := c.length()
	c.length() // head of the free list
	data := c.addr()
	if c.err != nil {
		return nil, c.err
	}
	names := f.block(data, size, "the data of a local heap")
	return names, names.err
}

// globalHeaps is the global heaps (III.E), which hold the characters of strings
// of variable length, as far as one read has asked for them.
type globalHeaps struct {
	f    *File
	seen map[uint64][]heapObject
	left int64 // bytes of heaps that may still be looked through
}

// heapObject is one object of a global heap.
type heapObject struct {
	index uint16
	b     []byte
}

func (f *File) globalHeaps() *globalHeaps {
	return &globalHeaps{f, map[uint64][]heapObject{}, f.limits.Memory / 4}
}

// object is an object of the heap at addr; shared.
func (g *globalHeaps) object(addr uint64, index uint32) ([]byte, error) {
	list, ok := g.seen[addr]
	if !ok {
		var err error
		if list, err = g.read(addr); err != nil {
			return nil, err
		}
		g.seen[addr] = list
	}
	i, ok := slices.BinarySearchFunc(list, index, func(o heapObject, want uint32) int { return cmp.Compare(uint32(o.index), want) })
	if !ok {
		c := g.f.rest(addr, "a global heap")
		c.fail("the global heap has no object %d", index)
		return nil, c.err
	}
	return list[i].b, nil
}

// read lists the objects of one heap by their numbers.
func (g *globalHeaps) read(addr uint64) ([]heapObject, error) {
	c := g.f.rest(addr, "a global heap")
	c.want("GCOL")
	c.version("a global heap", 1)
	c.skip(3)
	size := c.length()
	if c.err != nil {
		return nil, c.err
	}
	head := c.at
	c = g.f.block(addr, size, "a global heap")
	c.skip(head)
	if g.left -= int64(len(c.b)); g.left < 0 {
		c.fail("strings in global heaps of more than %d bytes", g.f.limits.Memory/4)
	}
	var list []heapObject
	for c.err == nil && c.left() >= 8+g.f.sl {
		index := uint16(c.u16())
		c.skip(6) // references
		n := c.length()
		if index == 0 { // free space up to the end
			break
		}
		if n > uint64(c.left()) {
			c.fail("object %d of a global heap has %d bytes, the heap %d more", index, n, c.left())
			break
		}
		list = append(list, heapObject{index, c.bytes(int(n))})
		c.skip(min(-int(n)&7, c.left()))
	}
	slices.SortStableFunc(list, func(a, b heapObject) int { return cmp.Compare(a.index, b.index) })
	return slices.Clip(list), c.err
}
