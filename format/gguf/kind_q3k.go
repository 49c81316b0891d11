package gguf

// Q3_K keeps 256 elements as integers of 3 bits, 2 of them as Q2_K does and the
// third in a mask, in 16 groups, each with a scale of 6 bits:
// d·(scale - 32) · (q - 4).
func init() {
	register(kind{code: 11, name: "Q3_K", elements: 256, bytes: 110, decode: func(dst []float32, b []byte) {
		mask, qs, scales, d := b[:32], b[32:96], b[96:108], half(b[108:])
		for i := range 256 {
			q := int(twos(qs, i)) + int(mask[i%32]>>(i/32)&1)<<2 - 4
			dst[i] = float32(d*float32(int(sixes(scales, i/16))-32)) * float32(q)
		}
	}})
}

// sixes is scale g of 16: its low 4 bits are in the first 8 bytes, its high 2 in
// the last 4.
func sixes(b []byte, g int) uint8 {
	return b[g%8]>>(g/8*4)&15 | b[8+g%4]>>(g/4*2)&3<<4
}
