//go:build !purego && amd64

package kernel

import (
	"unsafe"

	"github.com/ihae/ihae/internal/cpu"
)

func init() {
	quantizedForms.add(cpu.AVX2, &quantizedForm{
		width: 16, lanes: 8, rows: quantizedRows256[:], group: 2, size: 2, pack: quantizedPackPairs, rate: 80,
	})
	if cpu.VNNI() {
		quantizedForms.add(cpu.AVX512, &quantizedForm{
			width: 64, lanes: 16, rows: quantizedRows512[:], group: 4, size: 1, masks: true, pack: quantizedPack, rate: 400,
		})
	}
}

//go:noescape
func quantizedPack(dst, src unsafe.Pointer, row, groups int)

//go:noescape
func quantizedPackPairs(dst, src unsafe.Pointer, row, groups int)

// run computes a tile of so many rows and vectors. It is a switch, since through a function value every
// tile would have to lie on the heap.
func (f *quantizedForm) run(t *quantizedTile, rows, vecs int) {
	switch {
	case f.width == 64:
		quantized512(t, rows, vecs)
	case f.size == 2:
		quantized256(t, rows, vecs)
	default:
		quantizedPlain(t, rows)
	}
}
