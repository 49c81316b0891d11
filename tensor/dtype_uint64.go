package tensor

// Uint64 is the unsigned 64-bit integer.
var Uint64 = register(dtypeInfo{
	name: "uint64", bits: 64, kind: KindUint,
	load:  loadInt[uint64],
	store: storeInt[uint64],
})
