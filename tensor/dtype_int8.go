package tensor

// Int8 is the signed 8-bit integer.
var Int8 = register(dtypeInfo{
	name: "int8", bits: 8, kind: KindInt,
	load:  loadInt[int8],
	store: storeInt[int8],
})
