package hdf5

// Kinds of messages in an object header (IV.A.2 of the specification).
const (
	msgDataspace     = 0x01
	msgLinkInfo      = 0x02
	msgDatatype      = 0x03
	msgOldFill       = 0x04
	msgFill          = 0x05
	msgLink          = 0x06
	msgExternal      = 0x07
	msgLayout        = 0x08
	msgFilters       = 0x0b
	msgAttribute     = 0x0c
	msgContinuation  = 0x10
	msgSymbolTable   = 0x11
	msgAttributeInfo = 0x15
)

const (
	maxMessages = 1 << 17 // of one object
	maxBlocks   = 1 << 12 // of one object header
	sharedFlag  = 2
)

// message is one message of an object header.
type message struct {
	kind, flags int
	c           cursor // over its data
}

// header is the messages of one object, in their order.
type header struct {
	addr     uint64
	messages []message
}

// header reads the object header at addr with all its continuations.
func (f *File) header(addr uint64) (*header, error) {
	h := &headerReader{f: f, seen: once{}, head: &header{addr: addr}}
	c := f.rest(addr, "an object header")
	if len(c.b) >= 4 && string(c.b[:4]) == "OHDR" {
		h.version2(c)
	} else {
		h.version1(c)
	}
	for i := 0; i < len(h.more) && c.err == nil; i++ {
		h.continuation(c, h.more[i])
	}
	return h.head, c.err
}

// headerReader is an object header being read.
type headerReader struct {
	f       *File
	seen    once
	head    *header
	more    [][2]uint64 // addresses and lengths of continuations
	newer   bool        // version 2
	ordered bool        // messages of version 2 have a creation order
	count   int         // of messages that version 1 announces
}

// version1 reads the prefix and first block of the old form.
func (h *headerReader) version1(c *cursor) {
	c.version("an object header", 1)
	c.skip(1)
	h.count = c.u16()
	c.skip(4) // references
	size := c.u32()
	c.skip(4) // padding
	if block := c.sub(int(size)); block.err != nil {
		c.err = block.err
	} else {
		h.block(c, block)
	}
}

// version2 reads the prefix and first block of the new form.
func (h *headerReader) version2(c *cursor) {
	h.newer = true
	c.want("OHDR")
	c.version("an object header", 2)
	flags := c.u8()
	h.ordered = flags&4 != 0
	if flags&0x20 != 0 {
		c.skip(16) // times
	}
	if flags&0x10 != 0 {
		c.skip(4) // limits of compact attributes
	}
	size := c.uint(1 << (flags & 3))
	if size > uint64(c.left()) {
		c.fail("the first block of an object header has %d bytes, the file %d more", size, c.left())
	}
	block := c.sub(int(size))
	c.sum()
	if c.err == nil {
		h.block(c, block)
	}
}

// continuation reads a further block; the mistake, if any, goes to c.
func (h *headerReader) continuation(c *cursor, where [2]uint64) {
	h.seen.visit(c, where[0])
	b := h.f.block(where[0], where[1], "a further block of an object header")
	if h.newer && b.err == nil {
		b.want("OCHK")
		inner := b.sub(len(b.b) - 8)
		b.sum()
		inner.err, b = b.err, inner
	}
	if b.err == nil {
		h.block(c, b)
	}
	if c.err == nil {
		c.err = b.err
	}
}

// block reads the messages of one block; the mistake, if any, goes to c.
func (h *headerReader) block(c, b *cursor) {
	prefix := 8
	if h.newer {
		prefix = 4
		if h.ordered {
			prefix = 6
		}
	}
	for b.left() >= prefix && b.err == nil {
		if !h.newer && len(h.head.messages) >= h.count {
			break
		}
		h.message(b)
	}
	if c.err == nil {
		c.err = b.err
	}
}

// message reads one message.
func (h *headerReader) message(b *cursor) {
	var m message
	var size int
	if h.newer {
		m.kind, size, m.flags = b.u8(), b.u16(), b.u8()
		if h.ordered {
			b.skip(2)
		}
	} else {
		m.kind, size, m.flags = b.u16(), b.u16(), b.u8()
		b.skip(3)
	}
	m.c = *b.sub(size)
	if m.kind == msgContinuation {
		c := m.c
		h.more = append(h.more, [2]uint64{c.addr(), c.length()})
		if c.err != nil && b.err == nil {
			b.err = c.err
		}
	}
	h.head.messages = append(h.head.messages, m)
	h.f.spend(b)
	if len(h.head.messages) > maxMessages || len(h.more) > maxBlocks {
		b.fail("more than %d messages or %d blocks in an object header", maxMessages, maxBlocks)
	}
}

// find is a cursor over the first message of a kind, nil if there is none.
func (h *header) find(kind int) (*cursor, error) {
	for i := range h.messages {
		if m := &h.messages[i]; m.kind == kind {
			c := m.c
			if m.flags&sharedFlag != 0 {
				c.fail("a shared message of kind %#x is not read", kind)
			}
			return &c, c.err
		}
	}
	return nil, nil
}
