package tensor

import "math"

// BFloat16 is the upper half of a float32: storage, computed in float32.
var BFloat16 = register(dtypeInfo{
	name: "bfloat16", bits: 16, kind: KindFloat,
	load: func(src []byte, f []float64, _ []int64) {
		for j, h := range view[uint16](src) {
			f[j] = float64(math.Float32frombits(uint32(h) << 16))
		}
	},
	store: func(dst []byte, f []float64, _ []int64) {
		d := view[uint16](dst)
		for j, v := range f {
			d[j] = BFloatFromFloat(float32(v))
		}
	},
})

// BFloatFromFloat rounds x to the nearest bfloat16, ties to even.
func BFloatFromFloat(x float32) uint16 {
	b := math.Float32bits(x)
	if x != x {
		return uint16(b>>16) | 0x40
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}
