package gguf

// Q4_0 and Q4_1 keep 32 elements as integers of 4 bits, of which a byte has
// numbers j and j + 16, with a scale d, and of Q4_1 a least value m:
//
//	Q4_0: d · (q - 8)        Q4_1: d · q + m
func init() {
	register(kind{code: 2, name: "Q4_0", elements: 32, bytes: 18, decode: func(dst []float32, b []byte) {
		d := half(b)
		for j, q := range b[2:18] {
			dst[j] = d * float32(int(q&15)-8)
			dst[j+16] = d * float32(int(q>>4)-8)
		}
	}})
	register(kind{code: 3, name: "Q4_1", elements: 32, bytes: 20, decode: func(dst []float32, b []byte) {
		d, m := half(b), half(b[2:])
		for j, q := range b[4:20] {
			dst[j] = float32(d*float32(q&15)) + m
			dst[j+16] = float32(d*float32(q>>4)) + m
		}
	}})
}
