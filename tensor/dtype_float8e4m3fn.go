package tensor

// Float8E4M3FN is an 8-bit float of 4 bits of exponent and 3 of mantissa up to
// 448, without infinities: what is too large becomes NaN. Micikevicius et al.,
// "FP8 formats for deep learning", 2022.
var Float8E4M3FN = register(minifloat{exp: 4, man: 3, bias: 7, top: 0x7e, over: 0x7f, nan: 0x7f}.info("float8e4m3fn"))
