package tensor

// Uint4 is the unsigned 4-bit integer, 0 to 15. In memory an element is a byte,
// of which the low 4 bits are read; the others are 0 where we write it.
var Uint4 = register(dtypeInfo{
	name: "uint4", bits: 4, kind: KindUint, seen: Uint8,
	load:  loadBits(4, unsigned),
	store: storeBits(4, unsigned),
})
