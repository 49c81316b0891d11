package hdf5

import "math/bits"

// Kinds of version 2 B-trees (III.A.2 of the specification) that are read.
const (
	treeOfHuge       = 1
	treeOfLinks      = 5
	treeOfAttributes = 8
	treeOfPlain      = 10 // chunks
	treeOfFiltered   = 11 // chunks that went through filters
)

// tree2 walks a version 2 B-tree and calls record for each of its records, the
// size of which the tree itself says.
func (f *File) tree2(addr uint64, kind int, record func(c *cursor) error) error {
	c := f.rest(addr, "a B-tree")
	c.want("BTHD")
	c.version("a B-tree", 0)
	w := &walk2{f: f, kind: c.u8(), record: record, seen: once{}}
	w.nodeSize, w.recordSize = uint64(c.u32()), c.u16()
	depth := c.u16()
	c.skip(2) // when to split and merge
	root, n := c.addr(), c.u16()
	c.length() // number of records
	c.sum()
	if c.err == nil && w.kind != kind {
		c.fail("a B-tree of kind %d, wanted %d", w.kind, kind)
	}
	if c.err == nil && (w.nodeSize < 16 || w.recordSize == 0 || depth > maxDepth) {
		c.fail("a B-tree of depth %d, nodes of %d and records of %d bytes", depth, w.nodeSize, w.recordSize)
	}
	if c.err != nil || root == undefined {
		return c.err
	}
	w.sizes(depth)
	return w.node(root, depth, n)
}

const maxDepth = 32

// walk2 is a walk through a version 2 B-tree.
type walk2 struct {
	f          *File
	kind       int
	nodeSize   uint64
	recordSize int
	record     func(c *cursor) error
	seen       once
	count      int   // bytes of the number of records in a node
	total      []int // for each depth, bytes of the number of records in a subtree
}

// sizes computes how many bytes counts take, which depends on how many records
// a node of each depth can have.
func (w *walk2) sizes(depth int) {
	const overhead = 10
	most := (w.nodeSize - overhead) / uint64(w.recordSize)
	w.count = bytesFor(most)
	w.total = []int{0}
	cumulative := most
	for d := 1; d <= depth; d++ {
		pointer := uint64(w.f.so + w.count + w.total[d-1])
		most = 0
		if w.nodeSize > overhead+pointer {
			most = (w.nodeSize - overhead - pointer) / (uint64(w.recordSize) + pointer)
		}
		hi, lo := bits.Mul64(most+1, cumulative)
		if cumulative = lo + most; hi != 0 {
			cumulative = 1<<64 - 1
		}
		w.total = append(w.total, bytesFor(cumulative))
	}
}

// bytesFor is the number of bytes that numbers up to limit take.
func bytesFor(limit uint64) int { return (max(bits.Len64(limit), 1)-1)/8 + 1 }

// node walks the node at addr, of that depth above the leaves, with n records.
func (w *walk2) node(addr uint64, depth, n int) error {
	c := w.f.block(addr, w.nodeSize, "a node of a B-tree")
	mark := "BTLF"
	if depth > 0 {
		mark = "BTIN"
	}
	c.want(mark)
	c.version("a node of a B-tree", 0)
	if kind := c.u8(); c.err == nil && kind != w.kind {
		c.fail("a node of kind %d in a B-tree of kind %d", kind, w.kind)
	}
	w.seen.visit(c, addr)
	records := make([]*cursor, 0, min(n, c.left()/w.recordSize))
	for range n {
		r := c.sub(w.recordSize)
		if c.err != nil {
			return c.err
		}
		records = append(records, r)
	}
	var children []child2
	if depth > 0 {
		children = w.children(c, depth, n)
	}
	c.sum()
	for i := range n + 1 {
		if c.err != nil {
			break
		}
		if depth > 0 {
			c.err = w.node(children[i].addr, depth-1, children[i].records)
		}
		if i < n && c.err == nil {
			c.err = w.record(records[i])
		}
	}
	return c.err
}

// child2 is a pointer to a child node.
type child2 struct {
	addr    uint64
	records int
}

func (w *walk2) children(c *cursor, depth, n int) []child2 {
	var list []child2
	for range n + 1 {
		addr := c.addr()
		records := c.uint(w.count)
		if depth > 1 {
			c.skip(w.total[depth-1])
		}
		if c.err == nil && records > w.nodeSize {
			c.fail("%d records in a node of %d bytes", records, w.nodeSize)
		}
		if c.err != nil {
			return nil
		}
		list = append(list, child2{addr, int(records)})
	}
	return list
}
