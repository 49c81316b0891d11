package data

import "github.com/ihae/ihae/rng"

// Flip mirrors left and right with probability 1/2.
type Flip struct{}

// Name implements [Augment].
func (Flip) Name() string { return "flip" }

// Apply implements [Augment].
func (Flip) Apply(p *Pixels, r rng.Stream) {
	if p.Draws(r).Uint64()&1 == 0 {
		return
	}
	for y := range p.H {
		row := p.V[y*p.W*p.C : (y+1)*p.W*p.C]
		for x := range p.W / 2 {
			a, b := row[x*p.C:(x+1)*p.C], row[(p.W-1-x)*p.C:]
			for c := range a {
				a[c], b[c] = b[c], a[c]
			}
		}
	}
}
