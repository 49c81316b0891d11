package gguf

import "math"

// MXFP4 keeps 32 elements as floats of 4 bits (see tensor.Float4E2M1), here in
// halves, with a power of two as scale (see tensor.Float8E8M0), of which we take
// half: 2^(e-128) · 2f. Rouhani et al., "OCP microscaling formats (MX)
// specification", 2023.
func init() {
	register(kind{code: 39, name: "MXFP4", elements: 32, bytes: 17, decode: func(dst []float32, b []byte) {
		leveled(dst, b[1:17], float32(math.Ldexp(1, int(b[0])-128)), &floats4)
	}})
}

var floats4 = [16]float32{0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12}
