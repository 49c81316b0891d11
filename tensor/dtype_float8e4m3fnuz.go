package tensor

// Float8E4M3FNUZ is an 8-bit float of 4 bits of exponent and 3 of mantissa up to
// 240, without infinities and without -0, whose code is the only NaN: what is
// too large becomes NaN. Noune et al., "8-bit numerical formats for deep neural
// networks", 2022.
var Float8E4M3FNUZ = register(minifloat{exp: 4, man: 3, bias: 8, top: 0x7f, nan: 0x80, zero: true}.info("float8e4m3fnuz"))
