package gguf

// Q8_0 keeps 32 elements as integers of 8 bits with a scale: d · q.
func init() {
	register(kind{code: 8, name: "Q8_0", elements: 32, bytes: 34, decode: func(dst []float32, b []byte) {
		d := half(b)
		for j, q := range b[2:34] {
			dst[j] = d * float32(int8(q))
		}
	}})
}
