package tensor

// Bool is a byte that is 0 or 1.
var Bool = register(dtypeInfo{
	name: "bool", bits: 8, kind: KindBool,
	load:  loadInt[uint8],
	store: storeBool,
})

func storeBool(dst []byte, _ []float64, i []int64) {
	for j, v := range i {
		dst[j] = 0
		if v != 0 {
			dst[j] = 1
		}
	}
}
