package tensor

import "math"

// Float32 is IEEE 754 binary32, what networks compute in.
var Float32 = register(dtypeInfo{
	name: "float32", bits: 32, kind: KindFloat, most: math.MaxFloat32,
	load:  loadFloat[float32],
	store: storeFloat[float32],
})
