package tensor

// Bool is a byte that is 0 or 1.
var Bool = register(dtypeInfo{
	name: "bool", bits: 8, kind: KindBool, seen: Uint8,
	load:  loadBool,
	store: storeBool,
})

// loadBool takes any byte but 0 for true, as files may have them.
func loadBool(src []byte, _ []float64, i []int64) {
	for j, v := range src {
		i[j] = 0
		if v != 0 {
			i[j] = 1
		}
	}
}

func storeBool(dst []byte, _ []float64, i []int64) {
	for j, v := range i {
		dst[j] = 0
		if v != 0 {
			dst[j] = 1
		}
	}
}
