package gguf

// levels is what the 4-bit integers of IQ4_NL and IQ4_XS mean: values that lie
// closer near 0 (ggml, kvalues_iq4nl).
var levels = [16]float32{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}

// IQ4_NL keeps 32 elements as Q4_0 does, IQ4_XS 256 in 8 groups, each with a
// scale of 6 bits: d · level[q] and d·(scale - 32) · level[q].
func init() {
	register(kind{code: 20, name: "IQ4_NL", elements: 32, bytes: 18, decode: func(dst []float32, b []byte) {
		leveled(dst, b[2:18], half(b), &levels)
	}})
	register(kind{code: 23, name: "IQ4_XS", elements: 256, bytes: 136, decode: func(dst []float32, b []byte) {
		d, high, low, qs := half(b), le.Uint16(b[2:]), b[4:8], b[8:136]
		for g := range 8 {
			s := low[g/2]>>(g%2*4)&15 | uint8(high>>(2*g)&3)<<4
			leveled(dst[g*32:], qs[g*16:g*16+16], d*float32(int(s)-32), &levels)
		}
	}})
}

// leveled gives 32 elements, of which a byte has numbers j and j + 16.
func leveled(dst []float32, qs []byte, d float32, levels *[16]float32) {
	for j, q := range qs {
		dst[j] = d * levels[q&15]
		dst[j+16] = d * levels[q>>4]
	}
}
