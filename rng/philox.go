package rng

import "math/bits"

// The constants of Philox4x32 (Salmon et al. 2011, table 2 and section 5.1).
const (
	philoxM0, philoxM1 = 0xD2511F53, 0xCD9E8D57 // multipliers
	philoxW0, philoxW1 = 0x9E3779B9, 0xBB67AE85 // what is added to the key each round
	philoxRounds       = 10
)

// Philox is the block function Philox4x32-10 of Salmon, Moraes, Dror and Shaw,
// "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011: a bijection of the
// counters for each key, whose values pass for random.
func Philox(key [2]uint32, ctr [4]uint32) [4]uint32 {
	for range philoxRounds {
		hi0, lo0 := bits.Mul32(philoxM0, ctr[0])
		hi1, lo1 := bits.Mul32(philoxM1, ctr[2])
		ctr = [4]uint32{hi1 ^ ctr[1] ^ key[0], lo1, hi0 ^ ctr[3] ^ key[1], lo0}
		key[0] += philoxW0
		key[1] += philoxW1
	}
	return ctr
}

// source is the numbers of one stream in order: it implements rand.Source.
type source struct {
	key  [2]uint32
	high [2]uint32 // the upper half of the counter; the lower half counts blocks
	next uint64    // the block to compute next
	rest uint64    // the second half of the last block
	full bool      // rest has not been given out yet
}

// Uint64 implements rand.Source.
func (s *source) Uint64() uint64 {
	if s.full {
		s.full = false
		return s.rest
	}
	b := Philox(s.key, [4]uint32{uint32(s.next), uint32(s.next >> 32), s.high[0], s.high[1]})
	s.next++
	s.rest, s.full = uint64(b[3])<<32|uint64(b[2]), true
	return uint64(b[1])<<32 | uint64(b[0])
}

// below draws a whole number from [0, n) with equal shares (Lemire, "Fast Random
// Integer Generation in an Interval", 2019). n must not be 0.
func (s *source) below(n uint64) uint64 {
	hi, lo := bits.Mul64(s.Uint64(), n)
	if lo < n {
		for least := -n % n; lo < least; {
			hi, lo = bits.Mul64(s.Uint64(), n)
		}
	}
	return hi
}

// unit draws from [0, 1): a multiple of 2⁻⁵³.
func (s *source) unit() float64 { return float64(s.Uint64()>>11) * (1.0 / (1 << 53)) }
