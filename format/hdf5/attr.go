package hdf5

import (
	"fmt"

	"github.com/ihae/ihae/tensor"
)

// Attr is an attribute: a small array beside an object.
type Attr struct {
	array
	data []byte // its elements, shared
}

// readAttrs reads all attributes: messages in the object header, and the
// fractal heap of objects that have many.
func (o *object) readAttrs() error {
	if o.attrs != nil {
		return nil
	}
	n := newNames[*Attr](o.f.limits)
	for i := range o.head.messages {
		m := &o.head.messages[i]
		c := m.c
		var err error
		switch {
		case m.kind == msgAttribute && m.flags&sharedFlag != 0:
			c.fail("a shared attribute is not read")
		case m.kind == msgAttribute:
			o.attr(&c, n)
		case m.kind == msgAttributeInfo:
			err = o.denseAttrs(&c, n)
		}
		if err == nil {
			err = c.err
		}
		if err != nil {
			return at(o.path, err)
		}
	}
	o.attrs = n.m
	return nil
}

// denseAttrs reads attributes by way of the B-tree that lists them.
func (o *object) denseAttrs(c *cursor, n *names[*Attr]) error {
	c.version("information on attributes", 0)
	if flags := c.u8(); flags&1 != 0 {
		c.skip(2)
	}
	heap, tree := c.addr(), c.addr()
	if c.err != nil || heap == undefined || tree == undefined {
		return c.err
	}
	h, err := o.f.fractalHeap(heap)
	if err != nil {
		return err
	}
	return o.f.tree2(tree, treeOfAttributes, func(r *cursor) error {
		id := r.sub(8)
		if flags := r.u8(); r.err == nil && flags&sharedFlag != 0 {
			r.fail("a shared attribute is not read")
		}
		if r.err != nil {
			return r.err
		}
		m, err := h.message(id)
		if err != nil {
			return err
		}
		o.attr(m, n)
		return m.err
	})
}

// attr reads an attribute message (IV.A.2.m of the specification).
func (o *object) attr(c *cursor, n *names[*Attr]) {
	version := c.version("an attribute", 1, 2, 3)
	if flags := c.u8(); c.err == nil && version > 1 && flags&3 != 0 {
		c.fail("an attribute of a shared type is not read")
	}
	name, typ, space := c.u16(), c.u16(), c.u16()
	if version == 3 {
		c.skip(1) // character set of the name
	}
	part := func(size int) *cursor {
		p := c.sub(size)
		if version == 1 {
			c.skip(-size & 7)
		}
		return p
	}
	head := part(name)
	s, t, d := head.text(), part(typ), part(space)
	a := &Attr{array: array{file: o.f, name: fmt.Sprintf("%s: attribute %q", o.path, s)}}
	if c.err == nil {
		a.elem, a.space = t.datatype(), d.dataspace()
	}
	for _, p := range []*cursor{head, t, d} {
		if c.err == nil {
			c.err = p.err
		}
	}
	if c.err != nil {
		return
	}
	a.place = c.place + int64(c.at)
	count, ok := a.space.elements()
	if size, fits := product([]uint64{count, uint64(a.elem.size)}); !ok || !fits || size > uint64(c.left()) {
		c.fail("attribute %q has %v elements of %d bytes, the message %d bytes more", s, a.space.dims, a.elem.size, c.left())
	} else {
		a.data = c.bytes(int(size))
	}
	n.add(c, s, a)
}

// Tensor is the numbers of the attribute.
func (a *Attr) Tensor() (tensor.Tensor, error) {
	t, err := a.numbers()
	if err != nil {
		return tensor.Tensor{}, err
	}
	out := tensor.New(t)
	copy(out.Bytes(), a.data)
	return out, a.finish(out)
}

// Strings is the strings of the attribute, in row-major order.
func (a *Attr) Strings() ([]string, error) { return a.strings(a.data) }

// Text is the one string of the attribute.
func (a *Attr) Text() (string, error) {
	list, err := a.strings(a.data)
	if err != nil {
		return "", err
	}
	if len(list) != 1 {
		return "", fmt.Errorf("hdf5: %s has %d strings, wanted one", a.name, len(list))
	}
	return list[0], nil
}
