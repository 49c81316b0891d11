//go:build !purego && amd64

package kernel

import (
	"math"
	"unsafe"

	"github.com/ihae/ihae/internal/cpu"
)

func init() {
	philoxForms.add(cpu.AVX2, philoxAVX2)
	philoxForms.add(cpu.AVX512, philoxAVX512)
}

// carries says whether the low half of the counter overflows within the blocks.
func carries(first uint64, blocks int) bool {
	return uint64(uint32(first))+uint64(blocks) > math.MaxUint32
}

func philoxAVX2(dst unsafe.Pointer, key [2]uint32, first, stream uint64, blocks int) {
	switch {
	case carries(first, blocks):
		philoxPlain(dst, key, first, stream, blocks)
	case blocks > 0:
		philox256(dst, &[6]uint32{key[0], key[1], uint32(first), uint32(first >> 32), uint32(stream), uint32(stream >> 32)}, blocks)
	}
}

func philoxAVX512(dst unsafe.Pointer, key [2]uint32, first, stream uint64, blocks int) {
	switch {
	case carries(first, blocks):
		philoxPlain(dst, key, first, stream, blocks)
	case blocks > 0:
		philox512(dst, &[6]uint32{key[0], key[1], uint32(first), uint32(first >> 32), uint32(stream), uint32(stream >> 32)}, blocks)
	}
}
