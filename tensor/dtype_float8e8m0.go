package tensor

import "math"

// Float8E8M0 is a power of two from 2^-127 to 2^127, the exponent of a float32
// alone: the scale of a block of numbers. It has no sign, no zero and no
// infinity; code 255 is NaN, and so become numbers that are not above 0 and what
// is too large. Rouhani et al., "OCP microscaling formats (MX) specification",
// 2023.
var Float8E8M0 = register(scaleInfo())

func scaleInfo() dtypeInfo {
	d := dtypeInfo{name: "float8e8m0", bits: 8, low: 0x1p-127, most: 0x1p127}
	return coded(d, scaleValue, func(x float64) uint8 { return ScaleFromFloat(x, Nearest) })
}

func scaleValue(code uint8) float64 {
	if code == scaleNaN {
		return math.NaN()
	}
	return math.Ldexp(1, int(code)-127)
}

const scaleNaN = 255

// Rounding says which power of two a number between two becomes.
type Rounding uint8

// The roundings.
const (
	Nearest Rounding = iota // that at the smaller distance, of two the larger
	Up                      // the larger
	Down                    // the smaller
)

// ScaleFromFloat rounds x to a code of [Float8E8M0]. Positive numbers below
// 2^-127 become 2^-127.
func ScaleFromFloat(x float64, how Rounding) uint8 {
	if !(x > 0) || math.IsInf(x, 1) {
		return scaleNaN
	}
	frac, exp := math.Frexp(x) // x = 2·frac · 2^(exp-1), 2·frac in [1, 2)
	if exp--; how == Up && frac > 0.5 || how == Nearest && frac >= 0.75 {
		exp++
	}
	if exp > 127 {
		return scaleNaN
	}
	return uint8(max(exp, -127) + 127)
}
