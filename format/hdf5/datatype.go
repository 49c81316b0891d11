package hdf5

import (
	"encoding/binary"
	"slices"

	"github.com/ihae/ihae/tensor"
)

// Classes of elements (IV.A.2.d), by their numbers.
var classes = []string{"integer", "float", "time", "string", "bit field", "opaque", "compound", "reference",
	"enumeration", "variable-length", "array", "complex"}

// datatype is what one element is.
type datatype struct {
	size  int          // bytes in the file
	dtype tensor.DType // of a number
	big   bool         // a number's bytes run from high to low
	text  textKind     // of a string
	other string       // what is not read, empty for numbers and strings
}

// textKind is where the characters of a string are and where they end.
type textKind int

const (
	noText      textKind = iota
	zeroText             // fixed length, up to the first zero
	zeroPadded           // fixed length, less the zeros at its end
	spacePadded          // fixed length, less the spaces at its end
	heapText             // in the global heap
)

// datatype reads a datatype message. What is not read is named in other, so
// that listing goes on.
func (c *cursor) datatype() datatype {
	head := c.u8()
	class, version := head&15, head>>4
	if c.err == nil && (version < 1 || version > 5) {
		c.at--
		c.fail("version %d of a datatype is not read", version)
	}
	bits := c.uint(3)
	d := datatype{size: int(c.u32())}
	if c.err == nil && d.size == 0 {
		c.fail("elements of 0 bytes")
	}
	switch class {
	case 0:
		c.integer(&d, bits)
	case 1:
		c.float(&d, bits)
	case 3:
		d.text = fixedText(bits & 15)
	case 8:
		c.enum(&d, int(bits&0xffff), version)
	case 9:
		if d.size == 4+c.f.so+4 && bits&15 == 1 {
			d.text = heapText
		}
	}
	if d.dtype == (tensor.DType{}) && d.text == noText && d.other == "" {
		d.other = "class unknown"
		if class < len(classes) {
			d.other = classes[class]
		}
	}
	return d
}

func fixedText(padding uint64) textKind {
	switch padding {
	case 0:
		return zeroText
	case 1:
		return zeroPadded
	case 2:
		return spacePadded
	}
	return noText
}

// integer reads the properties of a fixed-point number.
func (c *cursor) integer(d *datatype, bits uint64) {
	offset, precision := c.u16(), c.u16()
	d.big = bits&1 != 0
	kinds := []tensor.DType{tensor.Uint8, tensor.Uint16, tensor.Uint32, tensor.Uint64}
	if bits&8 != 0 {
		kinds = []tensor.DType{tensor.Int8, tensor.Int16, tensor.Int32, tensor.Int64}
	}
	k := slices.Index([]int{1, 2, 4, 8}, d.size)
	if k < 0 || offset != 0 || precision != 8*d.size {
		d.other = "integer of unusual width"
		return
	}
	d.dtype = kinds[k]
}

// floats is the properties of the floating-point formats that are read: size,
// places and sizes of exponent and fraction, bias.
var floats = map[[6]int]tensor.DType{
	{2, 10, 5, 0, 10, 15}:    tensor.Float16,
	{2, 7, 8, 0, 7, 127}:     tensor.BFloat16,
	{4, 23, 8, 0, 23, 127}:   tensor.Float32,
	{8, 52, 11, 0, 52, 1023}: tensor.Float64,
}

// float reads the properties of a floating-point number: the sign is the highest
// bit and the leading one of the fraction is not stored (kind 2), as in IEEE 754.
func (c *cursor) float(d *datatype, bits uint64) {
	offset, precision := c.u16(), c.u16()
	layout := [6]int{d.size, c.u8(), c.u8(), c.u8(), c.u8()}
	layout[5] = int(c.u32())
	d.big = bits&1 != 0
	const vax, kind = 0x40, 0x30 // bits of the order of bytes and of the leading one
	known, ok := floats[layout]
	if !ok || offset != 0 || precision != 8*d.size || bits&(vax|kind) != 0x20 || int(bits>>8&0xff) != 8*d.size-1 {
		d.other = "float of unusual layout"
		return
	}
	d.dtype = known
}

// enum reads an enumeration of n members as its base type, and as a bool where
// the members are FALSE = 0 and TRUE = 1, which is how h5py writes one.
func (c *cursor) enum(d *datatype, n, version int) {
	head := c.u8()
	bits := c.uint(3)
	base := datatype{size: int(c.u32())}
	if head&15 != 0 {
		d.other = "enumeration of what is no integer"
		return
	}
	c.integer(&base, bits)
	names := make([]string, 0, 2)
	for range n {
		if c.err != nil {
			return
		}
		start := c.at
		name := c.text()
		if version < 3 {
			c.skip(-(c.at - start) & 7)
		}
		if len(names) < 2 {
			names = append(names, name)
		}
	}
	if base.size != d.size || base.other != "" {
		d.other = "enumeration of unusual width"
		return
	}
	d.dtype, d.big = base.dtype, base.big
	if n == 2 && d.size == 1 && names[0] == "FALSE" && names[1] == "TRUE" && string(c.bytes(2)) == "\x00\x01" {
		d.dtype = tensor.Bool
	}
}

// toHost turns elements from the order of the file into that of this machine.
func (d datatype) toHost(b []byte) {
	if little := binary.NativeEndian.Uint16([]byte{1, 0}) == 1; d.size == 1 || d.big != little {
		return
	}
	for e := range slices.Chunk(b, d.size) {
		slices.Reverse(e)
	}
}
