package gguf

// Q6_K keeps 256 elements as integers of 6 bits in 16 groups, each with a signed
// scale of 8 bits: d·scale · (q - 32). 128 elements share 64 bytes of low halves
// and 32 of high quarters.
func init() {
	register(kind{code: 14, name: "Q6_K", elements: 256, bytes: 210, decode: func(dst []float32, b []byte) {
		low, high, scales, d := b[:128], b[128:192], b[192:208], half(b[208:])
		for i := range 256 {
			q := low[i/128*64+i%64]>>(i/64%2*4)&15 | twos(high, i)<<4
			dst[i] = float32(d*float32(int8(scales[i/16]))) * float32(int(q)-32)
		}
	}})
}
