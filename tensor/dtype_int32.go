package tensor

// Int32 is the signed 32-bit integer.
var Int32 = register(dtypeInfo{
	name: "int32", bits: 32, kind: KindInt,
	load:  loadInt[int32],
	store: storeInt[int32],
})
