package tensor

import "math"

// Float16 is IEEE 754 binary16: storage, computed in float32.
var Float16 = register(dtypeInfo{
	name: "float16", bits: 16, kind: KindFloat, seen: Uint16, most: 65504,
	load: func(src []byte, f []float64, _ []int64) {
		for j, h := range view[uint16](src) {
			f[j] = float64(HalfToFloat(h))
		}
	},
	store: func(dst []byte, f []float64, _ []int64) {
		d := view[uint16](dst)
		for j, v := range f {
			d[j] = HalfFromFloat(v)
		}
	},
})

// HalfToFloat is the exact value of the binary16 bits h.
func HalfToFloat(h uint16) float32 {
	sign, exp, frac := uint32(h&0x8000)<<16, uint32(h>>10&31), uint32(h&0x3ff)
	switch exp {
	case 0: // zero and subnormal: frac · 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(frac)*(1.0/(1<<24))))
	case 31: // infinity and NaN
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

// HalfFromFloat rounds x to the nearest binary16, ties to even.
func HalfFromFloat(x float64) uint16 {
	sign := uint16(math.Float64bits(x) >> 48 & 0x8000)
	a := math.Abs(x)
	switch {
	case a != a:
		return sign | 0x7e00
	case a >= 65520: // halfway between the largest finite value and the next step
		return sign | 0x7c00
	case a < 1.0/(1<<14): // subnormal: a multiple of 2^-24
		return sign | uint16(math.RoundToEven(a*(1<<24)))
	}
	frac, exp := math.Frexp(a)                   // a = frac·2^exp, frac in [0.5, 1)
	m := int(math.RoundToEven(frac * (1 << 11))) // 11 significant bits, the first is 1
	// The leading bit of m adds one to the exponent field, and so does a carry.
	return sign | uint16((exp+13)<<10+m)
}
