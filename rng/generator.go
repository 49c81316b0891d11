package rng

import "math/rand/v2"

// Generator is what [Stream.Rand] gives, for many streams one after another in the
// same memory. The zero Generator is ready; it must not be copied.
type Generator struct {
	src  source
	rand *rand.Rand
}

// At returns the generator at the beginning of s. What it gave before goes on there.
func (g *Generator) At(s Stream) *rand.Rand {
	g.src = *s.source()
	if g.rand == nil {
		g.rand = rand.New(&g.src)
	}
	return g.rand
}
