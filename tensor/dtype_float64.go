package tensor

import "math"

// Float64 is IEEE 754 binary64, what definitions compute in.
var Float64 = register(dtypeInfo{
	name: "float64", bits: 64, kind: KindFloat, most: math.MaxFloat64,
	load:  loadFloat[float64],
	store: storeFloat[float64],
})
