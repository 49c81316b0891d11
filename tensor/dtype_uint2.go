package tensor

// Uint2 is the unsigned 2-bit integer, 0 to 3. In memory an element is a byte,
// of which the low 2 bits are read; the others are 0 where we write it.
var Uint2 = register(dtypeInfo{
	name: "uint2", bits: 2, kind: KindUint, seen: Uint8,
	load:  loadBits(2, unsigned),
	store: storeBits(2, unsigned),
})
