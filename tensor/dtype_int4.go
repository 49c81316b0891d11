package tensor

// Int4 is the signed 4-bit integer, -8 to 7. In memory an element is a byte, of
// which the low 4 bits are read; the others repeat the sign where we write it.
var Int4 = register(dtypeInfo{
	name: "int4", bits: 4, kind: KindInt, seen: Int8,
	load:  loadBits(4, signed),
	store: storeBits(4, signed),
})
