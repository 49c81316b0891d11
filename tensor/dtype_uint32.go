package tensor

// Uint32 is the unsigned 32-bit integer.
var Uint32 = register(dtypeInfo{
	name: "uint32", bits: 32, kind: KindUint,
	load:  loadInt[uint32],
	store: storeInt[uint32],
})
