package tensor

// Int2 is the signed 2-bit integer, -2 to 1. In memory an element is a byte, of
// which the low 2 bits are read; the others repeat the sign where we write it.
var Int2 = register(dtypeInfo{
	name: "int2", bits: 2, kind: KindInt, seen: Int8,
	load:  loadBits(2, signed),
	store: storeBits(2, signed),
})
