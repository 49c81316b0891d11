package tensor

// Float8E5M2 is an 8-bit float of 5 bits of exponent and 2 of mantissa up to
// 57344, with infinities: the upper half of a binary16. Micikevicius et al.,
// "FP8 formats for deep learning", 2022.
var Float8E5M2 = register(minifloat{exp: 5, man: 2, bias: 15, top: 0x7b, over: 0x7c, nan: 0x7e, inf: 0x7c}.info("float8e5m2"))
