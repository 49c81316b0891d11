package tensor

// Uint16 is the unsigned 16-bit integer.
var Uint16 = register(dtypeInfo{
	name: "uint16", bits: 16, kind: KindUint,
	load:  loadInt[uint16],
	store: storeInt[uint16],
})
