package gguf

// Q2_K keeps 256 elements as integers of 2 bits in 16 groups, each with a scale
// and a least value of 4 bits, which two binary16 scale in turn:
// d·scale · q - dmin·least. Integers s of 4 in a byte are 32 elements apart.
func init() {
	register(kind{code: 10, name: "Q2_K", elements: 256, bytes: 84, decode: func(dst []float32, b []byte) {
		scales, qs, d, dmin := b[:16], b[16:80], half(b[80:]), half(b[82:])
		for i := range 256 {
			g := scales[i/16]
			dst[i] = float32(float32(d*float32(g&15))*float32(twos(qs, i))) - float32(dmin*float32(g>>4))
		}
	}})
}

// twos is integer i of 2 bits: 128 elements share 32 bytes, in the order of
// their bits first.
func twos(b []byte, i int) uint8 { return b[i/128*32+i%32] >> (i % 128 / 32 * 2) & 3 }
