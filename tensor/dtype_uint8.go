package tensor

// Uint8 is the unsigned 8-bit integer.
var Uint8 = register(dtypeInfo{
	name: "uint8", bits: 8, kind: KindUint,
	load:  loadInt[uint8],
	store: storeInt[uint8],
})
