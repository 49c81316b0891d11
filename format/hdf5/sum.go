package hdf5

import (
	"encoding/binary"
	"math/bits"
)

// lookup3 is Jenkins' hash "hashlittle" with initial value 0 (Bob Jenkins,
// lookup3.c, 2006), the checksum of the format's newer structures.
func lookup3(b []byte) uint32 {
	x := 0xdeadbeef + uint32(len(b))
	y, z := x, x
	if len(b) == 0 {
		return z
	}
	for len(b) > 12 {
		x += binary.LittleEndian.Uint32(b)
		y += binary.LittleEndian.Uint32(b[4:])
		z += binary.LittleEndian.Uint32(b[8:])
		x, y, z = mix(x, y, z)
		b = b[12:]
	}
	var last [12]byte
	copy(last[:], b)
	x += binary.LittleEndian.Uint32(last[:])
	y += binary.LittleEndian.Uint32(last[4:])
	z += binary.LittleEndian.Uint32(last[8:])
	z = (z ^ y) - bits.RotateLeft32(y, 14)
	x = (x ^ z) - bits.RotateLeft32(z, 11)
	y = (y ^ x) - bits.RotateLeft32(x, 25)
	z = (z ^ y) - bits.RotateLeft32(y, 16)
	x = (x ^ z) - bits.RotateLeft32(z, 4)
	y = (y ^ x) - bits.RotateLeft32(x, 14)
	z = (z ^ y) - bits.RotateLeft32(y, 24)
	return z
}

func mix(a, b, c uint32) (uint32, uint32, uint32) {
	a = (a - c) ^ bits.RotateLeft32(c, 4)
	c += b
	b = (b - a) ^ bits.RotateLeft32(a, 6)
	a += c
	c = (c - b) ^ bits.RotateLeft32(b, 8)
	b += a
	a = (a - c) ^ bits.RotateLeft32(c, 16)
	c += b
	b = (b - a) ^ bits.RotateLeft32(a, 19)
	a += c
	c = (c - b) ^ bits.RotateLeft32(b, 4)
	b += a
	return a, b, c
}

// fletcher32 is the checksum of the filter of that name: Fletcher's sums modulo
// 65,535 over big-endian 16-bit words, an odd last byte being the upper half.
func fletcher32(b []byte) uint32 {
	var lo, hi uint32
	for len(b) > 0 {
		n := min(len(b), 2*359) // so that the sums stay below 2³²
		for i := 0; i < n; i += 2 {
			w := uint32(b[i]) << 8
			if i+1 < len(b) {
				w |= uint32(b[i+1])
			}
			lo += w
			hi += lo
		}
		lo, hi = lo&0xffff+lo>>16, hi&0xffff+hi>>16
		b = b[n:]
	}
	lo, hi = lo&0xffff+lo>>16, hi&0xffff+hi>>16
	return hi<<16 | lo
}
