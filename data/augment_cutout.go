package data

import "github.com/ihae/ihae/rng"

// Cutout hides a square with a middle drawn anywhere in the image (DeVries
// and Taylor, 2017); the part outside is lost. Hidden samples get the image's
// mean per channel, which is neutral after normalisation.
type Cutout struct {
	Size int // side in samples
}

// Name implements [Augment].
func (Cutout) Name() string { return "cutout" }

// Apply implements [Augment].
func (a Cutout) Apply(p *Pixels, r rng.Stream) {
	if a.Size <= 0 || p.H == 0 || p.W == 0 {
		return
	}
	draw := p.Draws(r)
	y, x := draw.IntN(p.H)-a.Size/2, draw.IntN(p.W)-a.Size/2
	p.hide(x, y, a.Size, a.Size)
}
