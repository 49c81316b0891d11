package hdf5

// Kinds of version 1 B-trees (III.A.1 of the specification).
const (
	treeOfGroup  = 0
	treeOfChunks = 1
)

// tree1 walks a version 1 B-tree from left to right. It calls leaf for each
// child of the lowest nodes, with the key to its left, a cursor of keySize
// bytes.
func (f *File) tree1(addr uint64, kind, keySize int, leaf func(key *cursor, child uint64) error) error {
	w := &walk1{f, kind, keySize, leaf, once{}}
	return w.node(addr, -1)
}

type walk1 struct {
	f       *File
	kind    int
	keySize int
	leaf    func(key *cursor, child uint64) error
	seen    once
}

// node walks the node at addr, which must be of that level; -1 is any.
func (w *walk1) node(addr uint64, level int) error {
	c := w.f.rest(addr, "a node of a B-tree")
	c.want("TREE")
	kind, high, used := c.u8(), c.u8(), c.u16()
	c.addr() // left sibling
	c.addr() // right sibling
	w.seen.visit(c, addr)
	if c.err == nil && (kind != w.kind || level >= 0 && high != level) {
		c.fail("a node of kind %d and level %d in a B-tree, wanted kind %d, level %d", kind, high, w.kind, level)
	}
	for range used {
		key := c.sub(w.keySize)
		child := c.addr()
		if c.err != nil {
			break
		}
		var err error
		if high > 0 {
			err = w.node(child, high-1)
		} else {
			err = w.leaf(key, child)
		}
		if err != nil {
			return err
		}
	}
	return c.err
}
