package kernel

import (
	"unsafe"

	"github.com/ihae/ihae/rng"
)

// RandomUniform draws n numbers from [0, 1): multiples of 2⁻²⁴. Block b of four
// numbers is Philox4x32-10 (Salmon et al., Parallel Random Numbers: As Easy as
// 1, 2, 3, 2011) of the counter (b, b>>32, stream, stream>>32).
//
// Operands: key uint32 [2]; result float32 [n].
func RandomUniform(n int, stream uint64) *Code {
	if n == 0 {
		return &Code{}
	}
	f := philoxForms.Best()
	const per = 4096 // blocks
	blocks := (n + 3) / 4
	return &Code{
		Local: 16 * philoxGroup,
		Phases: []Phase{{
			Pieces: (blocks + per - 1) / per,
			Work:   n,
			Run: func(a *Args, piece int, local Memory) {
				key := [2]uint32{a.In[0].U32()[0], a.In[0].U32()[1]}
				first := piece * per
				whole := min(first+per, n/4) - first
				whole = max(0, whole) / philoxGroup * philoxGroup
				f(at(base(a.Out[0]), 4*first), key, uint64(first), stream, whole)
				for b := first + whole; b < min(first+per, blocks); b += philoxGroup {
					f(base(local), key, uint64(b), stream, philoxGroup)
					i := 4 * b
					end := min(n, 4*min(b+philoxGroup, first+per))
					copy(a.Out[0].F32()[i:end], f32(base(local), end-i))
				}
			},
		}},
	}
}

// philoxGroup is the number of blocks that every form can compute together.
const philoxGroup = 16

// philoxFunc writes the numbers of blocks blocks, a multiple of philoxGroup.
type philoxFunc func(dst unsafe.Pointer, key [2]uint32, first, stream uint64, blocks int)

var philoxForms = newFamily[philoxFunc]("philox", philoxPlain)

func philoxPlain(dst unsafe.Pointer, key [2]uint32, first, stream uint64, blocks int) {
	d := f32(dst, 4*blocks)
	for b := range blocks {
		i := first + uint64(b)
		x := rng.Philox(key, [4]uint32{uint32(i), uint32(i >> 32), uint32(stream), uint32(stream >> 32)})
		for k, v := range x {
			d[4*b+k] = float32(v>>8) * (1.0 / (1 << 24))
		}
	}
}
