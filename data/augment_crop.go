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
	draw := p.Draws(r)
	dy, dx := draw.IntN(2*a.Pad+1)-a.Pad, draw.IntN(2*a.Pad+1)-a.Pad
	dst, n := p.other(), p.W*p.C
	for y := range p.H {
		p.shiftRow(dst[y*n:(y+1)*n], y+dy, dx, a.Fill)
	}
	p.swap()
}

// shiftRow writes row y from column dx on.
func (p *Pixels) shiftRow(dst []float32, y, dx int, f Fill) {
	lo, hi := max(0, min(-dx, p.W)), max(0, min(p.W-dx, p.W)) // columns of dst inside the image
	if y >= 0 && y < p.H && lo < hi {
		copy(dst[lo*p.C:hi*p.C], p.V[(y*p.W+lo+dx)*p.C:])
	} else {
		lo, hi = p.W, p.W
	}
	for x := range p.W {
		if x >= lo && x < hi {
			continue
		}
		for c := range p.C {
			dst[x*p.C+c] = p.at(y, x+dx, c, f)
		}
	}
}
