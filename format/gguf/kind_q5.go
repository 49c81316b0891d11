package gguf

// Q5_0 and Q5_1 are Q4_0 and Q4_1 with a fifth bit of each element in 32 bits of
// their own:
//
//	Q5_0: d · (q - 16)        Q5_1: d · q + m
func init() {
	register(kind{code: 6, name: "Q5_0", elements: 32, bytes: 22, decode: func(dst []float32, b []byte) {
		d := half(b)
		fives(b[2:], func(j int, q uint8) { dst[j] = d * float32(int(q)-16) })
	}})
	register(kind{code: 7, name: "Q5_1", elements: 32, bytes: 24, decode: func(dst []float32, b []byte) {
		d, m := half(b), half(b[2:])
		fives(b[4:], func(j int, q uint8) { dst[j] = float32(d*float32(q)) + m })
	}})
}

// fives calls set with the 32 integers of 5 bits in b.
func fives(b []byte, set func(j int, q uint8)) {
	high := le.Uint32(b)
	for j, q := range b[4:20] {
		set(j, q&15|uint8(high>>j&1)<<4)
		set(j+16, q>>4|uint8(high>>(j+16)&1)<<4)
	}
}
