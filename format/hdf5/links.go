package hdf5

import "unicode/utf8"

// isGroup says whether an object has what only groups have.
func (h *header) isGroup() bool {
	for _, m := range h.messages {
		if m.kind == msgSymbolTable || m.kind == msgLinkInfo || m.kind == msgLink {
			return true
		}
	}
	return false
}

// names collects what has a name, each once, within the limits.
type names[V any] struct {
	m     map[string]V
	count int   // how many more may come
	bytes int64 // how many bytes of names
}

func newNames[V any](l Limits) *names[V] {
	return &names[V]{map[string]V{}, l.Links, l.Memory / 4}
}

// add takes a name; c is where it stands.
func (n *names[V]) add(c *cursor, name string, v V) {
	c.f.spend(c)
	n.count--
	n.bytes -= int64(len(name)) + 64
	_, twice := n.m[name]
	switch {
	case c.err != nil:
	case n.count < 0 || n.bytes < 0:
		c.fail("more names than the limits of %d in all", len(n.m))
	case name == "" || !utf8.ValidString(name):
		c.fail("the name %q", name)
	case twice:
		c.fail("the name %q stands twice", name)
	default:
		n.m[name] = v
	}
}

// links reads all links of a group: the symbol table of old groups, link
// messages and the fractal heap of new ones.
func (f *File) links(h *header) (map[string]link, error) {
	n := newNames[link](f.limits)
	for i := range h.messages {
		c := h.messages[i].c
		var err error
		switch h.messages[i].kind {
		case msgSymbolTable:
			err = f.symbolTable(&c, n)
		case msgLink:
			c.link(n)
		case msgLinkInfo:
			err = f.denseLinks(&c, n)
		}
		if err == nil {
			err = c.err
		}
		if err != nil {
			return nil, err
		}
	}
	return n.m, nil
}

// link reads a link message (IV.A.2.g of the specification).
func (c *cursor) link(n *names[link]) {
	const hard, soft, external = 0, 1, 64
	c.version("a link", 1)
	flags, kind := c.u8(), hard
	if flags&8 != 0 {
		kind = c.u8()
	}
	if flags&4 != 0 {
		c.skip(8) // creation order
	}
	if flags&16 != 0 {
		c.skip(1) // character set
	}
	size := c.uint(1 << (flags & 3))
	if size > uint64(c.left()) {
		c.fail("a name of %d bytes in a link of %d", size, len(c.b))
		return
	}
	name := string(c.bytes(int(size)))
	var l link
	switch kind {
	case hard:
		l.addr = c.addr()
	case soft:
		l.other = "a soft link"
	case external:
		l.other = "a link to another file"
	default:
		l.other = "a link of unknown kind"
	}
	n.add(c, name, l)
}

// symbolTable reads the links of an old group: a B-tree whose leaves point to
// nodes of entries whose names stand in a local heap.
func (f *File) symbolTable(c *cursor, n *names[link]) error {
	tree, heap := c.addr(), c.addr()
	if c.err != nil {
		return c.err
	}
	names, err := f.localHeap(heap)
	if err != nil {
		return err
	}
	seen := once{}
	return f.tree1(tree, treeOfGroup, f.sl, func(key *cursor, child uint64) error {
		seen.visit(key, child)
		if key.err != nil {
			return key.err
		}
		return f.symbols(child, names, n)
	})
}

// symbols reads one node of symbol table entries (III.B and III.C).
func (f *File) symbols(addr uint64, heap *cursor, n *names[link]) error {
	const cachedSoft = 2
	c := f.rest(addr, "a node of a symbol table")
	c.want("SNOD")
	c.version("a node of a symbol table", 1)
	c.skip(1)
	for range c.u16() {
		place, l := c.length(), link{addr: c.addr()}
		if c.u32() == cachedSoft {
			l.other = "a soft link"
		}
		c.skip(4 + 16)
		if c.err != nil {
			break
		}
		if place >= uint64(len(heap.b)) {
			c.fail("a name at %d of a heap of %d bytes", place, len(heap.b))
			break
		}
		name := *heap
		name.at = int(place)
		s := name.text()
		if name.err != nil {
			return name.err
		}
		n.add(c, s, l)
	}
	return c.err
}

// denseLinks reads the links of a new group that has many, from a fractal heap
// by way of the B-tree that lists them.
func (f *File) denseLinks(c *cursor, n *names[link]) error {
	c.version("information on links", 0)
	if flags := c.u8(); flags&1 != 0 {
		c.skip(8)
	}
	heap, tree := c.addr(), c.addr()
	if c.err != nil || heap == undefined || tree == undefined {
		return c.err
	}
	h, err := f.fractalHeap(heap)
	if err != nil {
		return err
	}
	return f.tree2(tree, treeOfLinks, func(r *cursor) error {
		r.skip(4) // hash of the name
		m, err := h.message(r)
		if err != nil {
			return err
		}
		m.link(n)
		return m.err
	})
}

// message is an object of h as a cursor; id is a cursor over its heap ID.
func (h *fractalHeap) message(id *cursor) (*cursor, error) {
	place := id.place + int64(id.at)
	b, err := h.object(id)
	if err != nil {
		return nil, err
	}
	return &cursor{f: h.f, b: b, place: place}, nil
}
