package kernel

import "github.com/ihae/ihae/rng"

// RandomBits draws n words: block b of four is Philox4x32-10 of the counter (b,
// b>>32, stream, stream>>32).
//
// Operands: key uint32 [2]; result uint32 [n].
func RandomBits(n int, stream uint64) *Code {
	const per = 4096 // blocks
	blocks := ceilDiv(n, 4)
	if n == 0 {
		return &Code{}
	}
	return &Code{Phases: []Phase{{
		Pieces: ceilDiv(blocks, per),
		Work:   4 * n,
		Run: func(a *Args, piece int, _ Memory) {
			key, y := [2]uint32(a.In[0].U32()), a.Out[0].U32()
			for b := piece * per; b < min(blocks, (piece+1)*per); b++ {
				i := uint64(b)
				x := rng.Philox(key, [4]uint32{uint32(i), uint32(i >> 32), uint32(stream), uint32(stream >> 32)})
				copy(y[4*b:], x[:])
			}
		},
	}}}
}
