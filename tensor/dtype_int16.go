package tensor

// Int16 is the signed 16-bit integer.
var Int16 = register(dtypeInfo{
	name: "int16", bits: 16, kind: KindInt,
	load:  loadInt[int16],
	store: storeInt[int16],
})
