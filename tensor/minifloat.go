package tensor

import "math"

// minifloat is a floating-point format of at most 8 bits: a sign, exp bits of
// exponent and man bits of mantissa, with subnormal numbers. Without their sign,
// codes are ordered as their values are.
type minifloat struct {
	exp, man int
	bias     int
	top      uint8 // the code of the largest finite value
	over     uint8 // what a larger value becomes, its sign added
	nan      uint8 // what NaN becomes, its sign added
	inf      uint8 // the code of infinity, 0 if there is none
	zero     bool  // the only zero is +0: the code of -0 is NaN
}

// value is the exact value of a code.
func (m minifloat) value(code uint8) float64 {
	sign := uint8(1) << (m.exp + m.man)
	c := code & (sign - 1)
	v := 0.0
	switch frac, exp := c&(1<<m.man-1), int(c>>m.man); {
	case m.zero && code&(2*sign-1) == sign, c > m.top && c != m.inf:
		v = math.NaN()
	case c > m.top:
		v = math.Inf(1)
	case exp == 0:
		v = math.Ldexp(float64(frac), 1-m.bias-m.man)
	default:
		v = math.Ldexp(float64(int(frac)+1<<m.man), exp-m.bias-m.man)
	}
	if code&sign != 0 {
		return math.Copysign(v, -1)
	}
	return v
}

// code rounds x to the nearest value, ties to the even code.
func (m minifloat) code(x float64) uint8 {
	sign := uint8(math.Float64bits(x) >> 63 << (m.exp + m.man))
	if x != x {
		return sign | m.nan
	}
	a := math.Abs(x)
	c := math.RoundToEven(math.Ldexp(a, m.bias-1+m.man)) // of a subnormal number
	if frac, exp := math.Frexp(a); exp > 1-m.bias && a > 0 && !math.IsInf(a, 0) {
		// 1 + man significant bits, of which the first adds one to the exponent.
		c = math.RoundToEven(math.Ldexp(frac, m.man+1)) + math.Ldexp(float64(exp-2+m.bias), m.man)
	}
	switch {
	case c > float64(m.top) && m.zero:
		return m.nan
	case c > float64(m.top):
		return sign | m.over
	case c == 0 && m.zero:
		return 0
	}
	return sign | uint8(c)
}

// info is what a type of this format registers.
func (m minifloat) info(name string) dtypeInfo {
	return coded(dtypeInfo{name: name, bits: 1 + m.exp + m.man, most: m.value(m.top)}, m.value, m.code)
}

// coded completes d, a floating-point type whose elements are bytes.
func coded(d dtypeInfo, value func(uint8) float64, code func(float64) uint8) dtypeInfo {
	var table [256]float64
	for c := range table {
		table[c] = value(uint8(c))
	}
	d.kind, d.seen = KindFloat, Uint8
	d.load = func(src []byte, f []float64, _ []int64) {
		for j, c := range src {
			f[j] = table[c]
		}
	}
	d.store = func(dst []byte, f []float64, _ []int64) {
		for j, v := range f {
			dst[j] = code(v)
		}
	}
	return d
}
