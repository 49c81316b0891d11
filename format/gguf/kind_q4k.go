package gguf

// Q4_K and Q5_K keep 256 elements as integers of 4 and 5 bits in 8 groups, each
// with a scale and a least value of 6 bits, which two binary16 scale in turn:
// d·scale · q - dmin·least. A byte has elements of two neighbouring groups; the
// fifth bits of group g are bits g of 32 bytes.
func init() {
	register(kind{code: 12, name: "Q4_K", elements: 256, bytes: 144, decode: func(dst []float32, b []byte) {
		qs := b[16:144]
		grouped(dst, b, func(i int) uint8 { return nibble(qs, i) })
	}})
	register(kind{code: 13, name: "Q5_K", elements: 256, bytes: 176, decode: func(dst []float32, b []byte) {
		high, qs := b[16:48], b[48:176]
		grouped(dst, b, func(i int) uint8 { return nibble(qs, i) | high[i%32]>>(i/32)&1<<4 })
	}})
}

// nibble is integer i of 4 bits: 64 elements share 32 bytes.
func nibble(b []byte, i int) uint8 { return b[i/64*32+i%32] >> (i / 32 % 2 * 4) & 15 }

// grouped scales the integers of a block whose first 16 bytes are d, dmin and the
// scales.
func grouped(dst []float32, b []byte, q func(i int) uint8) {
	d, dmin := half(b), half(b[2:])
	for g := range 8 {
		s, m := scaleAndLeast(b[4:16], g)
		ds, dm := d*float32(s), dmin*float32(m)
		for i := g * 32; i < g*32+32; i++ {
			dst[i] = float32(ds*float32(q(i))) - dm
		}
	}
}

// scaleAndLeast is the 6 bits of group g. Those of groups 4 to 7 are taken from
// the last 4 bytes, their high 2 bits from above those of groups 0 to 3.
func scaleAndLeast(b []byte, g int) (scale, least uint8) {
	if g < 4 {
		return b[g] & 63, b[g+4] & 63
	}
	return b[g+4]&15 | b[g-4]>>2&48, b[g+4]>>4 | b[g]>>2&48
}
