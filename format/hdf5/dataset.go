package hdf5

import (
	"fmt"

	"github.com/ihae/ihae/tensor"
)

// Dataset is an array.
type Dataset struct {
	object
	array
	layout layout
	fill   []byte // an element where nothing has been written; nil is zeros
}

// dataset reads what the object header at addr says of a dataset.
func (f *File) dataset(path string, addr uint64) (*Dataset, error) {
	head, err := f.header(addr)
	if err != nil {
		return nil, at(path, err)
	}
	if head.isGroup() {
		return nil, fmt.Errorf("hdf5: %s is a group, not a dataset", path)
	}
	d := &Dataset{
		object: object{f: f, path: path, head: head},
		array:  array{file: f, name: path, place: f.base + int64(addr)},
	}
	if err := d.read(head); err != nil {
		return nil, at(path, err)
	}
	return d, nil
}

// read reads the messages that describe the elements.
func (d *Dataset) read(head *header) error {
	for _, m := range []struct {
		kind int
		what string
		read func(c *cursor)
	}{
		{msgDatatype, "datatype", func(c *cursor) { d.elem = c.datatype() }},
		{msgDataspace, "dataspace", func(c *cursor) { d.space = c.dataspace() }},
		{msgLayout, "layout", func(c *cursor) { d.layout = c.layout() }},
		{msgFilters, "", func(c *cursor) { d.layout.filters = c.filters() }},
		{msgExternal, "", func(c *cursor) { c.fail("elements in other files are not read") }},
		{msgOldFill, "", func(c *cursor) { d.fill = c.oldFill() }},
		{msgFill, "", func(c *cursor) { d.fill = c.fill() }},
	} {
		c, err := head.find(m.kind)
		switch {
		case err != nil:
			return err
		case c == nil && m.what != "":
			return d.bad(0, "the object has no %s and no links: neither dataset nor group", m.what)
		case c == nil:
			continue
		}
		if m.read(c); c.err != nil {
			return c.err
		}
	}
	if n := len(d.fill); n != 0 && n != d.elem.size {
		return d.bad(0, "a fill value of %d bytes for elements of %d", n, d.elem.size)
	}
	return nil
}

// oldFill reads the fill value message of old files.
func (c *cursor) oldFill() []byte {
	n := c.u32()
	return c.bytes(int(n))
}

// fill reads a fill value message.
func (c *cursor) fill() []byte {
	var defined bool
	if version := c.version("a fill value", 1, 2, 3); version == 3 {
		defined = c.u8()&0x20 != 0
	} else {
		c.skip(2)
		defined = c.u8() != 0 || version == 1
	}
	if !defined {
		return nil
	}
	return c.oldFill()
}

// Tensor reads the numbers of the dataset.
func (d *Dataset) Tensor() (tensor.Tensor, error) {
	t, err := d.numbers()
	if err != nil {
		return tensor.Tensor{}, err
	}
	if err := d.affordable(); err != nil {
		return tensor.Tensor{}, err
	}
	out := tensor.New(t)
	if err := d.elements(out.Bytes()); err != nil {
		return tensor.Tensor{}, at(d.path, err)
	}
	return out, d.finish(out)
}

// Strings reads the strings of the dataset, in row-major order.
func (d *Dataset) Strings() ([]string, error) {
	if err := d.affordable(); err != nil {
		return nil, err
	}
	n, _ := d.space.elements()
	b := make([]byte, n*uint64(d.elem.size))
	if err := d.elements(b); err != nil {
		return nil, at(d.path, err)
	}
	return d.strings(b)
}

// affordable says whether the elements, and what reading them takes, stay within
// the limit on memory.
func (d *Dataset) affordable() error {
	n, ok := d.space.elements()
	size, fits := product([]uint64{n, uint64(d.elem.size)})
	limit := uint64(d.f.limits.Memory)
	if !ok || !fits || size > limit {
		return d.bad(0, "%v elements of %d bytes take more than the limit of %d bytes", d.space.dims, d.elem.size, limit)
	}
	if d.elem.text != noText {
		size += 16 * n
	}
	if d.layout.class == chunked {
		chunk, ok := d.layout.chunkBytes()
		if !ok || chunk > limit {
			return d.bad(0, "chunks of %v, of which one takes more than the limit of %d bytes", d.layout.chunk, limit)
		}
		size += 2 * chunk // before and after a filter
	}
	if size > limit {
		return d.bad(0, "reading %v elements of %d bytes takes %d bytes, the limit is %d", d.space.dims, d.elem.size, size, limit)
	}
	return nil
}

// elements fills out with the elements in the form of the file.
func (d *Dataset) elements(out []byte) error {
	if len(out) == 0 {
		return nil
	}
	switch d.layout.class {
	case compact:
		if len(d.layout.data) < len(out) {
			return d.bad(0, "%d bytes of elements in the header, wanted %d", len(d.layout.data), len(out))
		}
		copy(out, d.layout.data)
		return nil
	case contiguous:
		if d.layout.addr == undefined {
			d.filled(out)
			return nil
		}
		if uint64(len(out)) > d.layout.size {
			return d.bad(0, "room for %d bytes of elements, wanted %d", d.layout.size, len(out))
		}
		c := d.f.block(d.layout.addr, uint64(len(out)), "the elements")
		copy(out, c.b)
		return c.err
	default:
		return d.chunks(out)
	}
}

// filled fills out with the fill value.
func (d *Dataset) filled(out []byte) {
	if len(d.fill) == 0 {
		return
	}
	for n := copy(out, d.fill); n < len(out); n *= 2 {
		copy(out[n:], out[:n])
	}
}
