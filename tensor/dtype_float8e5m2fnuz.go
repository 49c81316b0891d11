package tensor

// Float8E5M2FNUZ is an 8-bit float of 5 bits of exponent and 2 of mantissa up to
// 57344, without infinities and without -0, whose code is the only NaN: what is
// too large becomes NaN. Noune et al., "8-bit numerical formats for deep neural
// networks", 2022.
var Float8E5M2FNUZ = register(minifloat{exp: 5, man: 2, bias: 16, top: 0x7f, nan: 0x80, zero: true}.info("float8e5m2fnuz"))
