package tensor

// Float4E2M1 is a 4-bit float of 2 bits of exponent and 1 of mantissa: 0, 0.5, 1,
// 1.5, 2, 3, 4, 6 and their negatives. It has neither infinities nor NaN. In
// memory an element is a byte, of which the low 4 bits are read. Rouhani et al.,
// "OCP microscaling formats (MX) specification", 2023.
var Float4E2M1 = register(minifloat{exp: 2, man: 1, bias: 1, top: 7, over: 7, nan: 8}.info("float4e2m1"))
