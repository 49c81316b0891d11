package tensor

// Int64 is the signed 64-bit integer.
var Int64 = register(dtypeInfo{
	name: "int64", bits: 64, kind: KindInt,
	load:  loadInt[int64],
	store: storeInt[int64],
})
