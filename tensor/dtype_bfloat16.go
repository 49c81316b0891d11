package tensor

import "math"

// BFloat16 is the upper half of a float32: storage, computed in float32.
var BFloat16 = register(dtypeInfo{
	name: "bfloat16", bits: 16, kind: KindFloat, seen: Uint16, most: 0x1.fep127,
	load: func(src []byte, f []float64, _ []int64) {
		for j, h := range view[uint16](src) {
			f[j] = float64(math.Float32frombits(uint32(h) << 16))
		}
	},
	store: func(dst []byte, f []float64, _ []int64) {
		d := view[uint16](dst)
		for j, v := range f {
			d[j] = BFloatFromFloat(toOdd(v))
		}
	},
})

// toOdd cuts x to float32 and sets the last bit if anything was lost, so that
// rounding once more gives what rounding x at once does (Boldo and Melquiond,
// "When double rounding is odd", 2005).
func toOdd(x float64) float32 {
	f := float32(x)
	if float64(f) == x || x != x {
		return f
	}
	b := math.Float32bits(f)
	if math.Abs(float64(f)) > math.Abs(x) {
		b-- // towards zero
	}
	return math.Float32frombits(b | 1)
}

// BFloatFromFloat rounds x to the nearest bfloat16, ties to even.
func BFloatFromFloat(x float32) uint16 {
	b := math.Float32bits(x)
	if x != x {
		return uint16(b>>16) | 0x40
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}
