package kernel

// BytesToFloats converts n elements.
//
// Operands: x [n] uint8; result [n] float32.
func BytesToFloats(n int) *Code {
	const each = 1 << 16
	return &Code{Phases: []Phase{{
		Pieces: ceilDiv(n, each),
		Work:   n / 2,
		Run: func(a *Args, piece int, _ Memory) {
			from, to := piece*each, min(n, (piece+1)*each)
			out := a.Out[0].F32()[from:to]
			for i, v := range a.In[0][from:to] {
				out[i] = float32(v)
			}
		},
	}}}
}
