package data

import "github.com/ihae/ihae/rng"

// Crop pads every side and cuts the size of the image from a place drawn evenly:
// a shift of up to Pad samples each way (He et al., "Deep Residual Learning",
// 2015, 4.2, with Pad 4).
type Crop struct {
	Pad  int
	Fill Fill
}

// Name implements [Augment].
func (Crop) Name() string { return "crop" }

// Apply implements [Augment].
func (a Crop) Apply(p *Pixels, r rng.Stream) {
	if a.Pad <= 0 {
		return
	}
	draw := r.Rand()
	dy, dx := draw.IntN(2*a.Pad+1)-a.Pad, draw.IntN(2*a.Pad+1)-a.Pad
	dst, i := p.other(), 0
	for y := range p.H {
		for x := range p.W {
			for c := range p.C {
				dst[i] = p.at(y+dy, x+dx, c, a.Fill)
				i++
			}
		}
	}
	p.swap()
}
