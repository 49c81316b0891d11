package rng

import "math"

// The draws of this file are fixed for ever, since a run's first weights and
// order of examples are known by its seed alone: they use no algorithm that the
// standard library may change.

// Uniform fills dst evenly from [low, high).
func (s Stream) Uniform(dst []float32, low, high float64) {
	if s.none {
		return
	}
	src := s.source()
	below := math.Nextafter32(float32(high), float32(math.Inf(-1)))
	for i := range dst {
		v := float32(low + src.unit()*(high-low))
		if v >= float32(high) && low < high { // rounded up to high
			v = below
		}
		dst[i] = v
	}
}

// Normal fills dst from the normal distribution (Box and Muller, "A Note on the
// Generation of Random Normal Deviates", 1958).
func (s Stream) Normal(dst []float32, mean, deviation float64) {
	if s.none {
		return
	}
	src := s.source()
	for i := 0; i < len(dst); i += 2 {
		radius := math.Sqrt(-2 * math.Log(1-src.unit())) // 1-unit is in (0, 1]
		sin, cos := math.Sincos(2 * math.Pi * src.unit())
		dst[i] = float32(mean + deviation*radius*cos)
		if i+1 < len(dst) {
			dst[i+1] = float32(mean + deviation*radius*sin)
		}
	}
}

// Perm returns the numbers from 0 to n-1 in an order of which each is equally
// likely (Fisher and Yates, in Durstenfeld's form).
func (s Stream) Perm(n int) []int {
	src := s.source()
	p := make([]int, n)
	for i := range p {
		j := int(src.below(uint64(i) + 1))
		p[i], p[j] = p[j], i
	}
	return p
}
