package data

import "github.com/ihae/ihae/rng"

// ResizedCrop cuts a rectangle of a share of the area drawn from Least to 1, with
// sides of 3:4 to 4:3, and stretches it to the whole image, bilinearly (Szegedy
// et al., "Going Deeper with Convolutions", 2015, with Least 0.08).
type ResizedCrop struct {
	Least float64 // above 0, at most 1
}

// Name implements [Augment].
func (ResizedCrop) Name() string { return "resized-crop" }

// Apply implements [Augment].
func (a ResizedCrop) Apply(p *Pixels, r rng.Stream) {
	if a.Least <= 0 || a.Least >= 1 {
		return
	}
	if x, y, w, h, ok := rectangle(p.Draws(r), p.W, p.H, a.Least, 1, 3./4, 4./3); ok {
		p.enlarge(x, y, w, h)
	}
}

// enlarge stretches a rectangle to the whole image: sample i of n comes from
// (i + 1/2)·w/n - 1/2 of the rectangle's, kept within it.
func (p *Pixels) enlarge(x, y, w, h int) {
	dst, i := p.other(), 0
	for r := range p.H {
		sy := within((float64(r)+0.5)*float64(h)/float64(p.H)-0.5, h)
		for c := range p.W {
			sx := within((float64(c)+0.5)*float64(w)/float64(p.W)-0.5, w)
			p.bilinear(dst[i:i+p.C], float64(y)+sy, float64(x)+sx, FillEdge)
			i += p.C
		}
	}
	p.swap()
}

func within(v float64, n int) float64 { return max(0, min(v, float64(n-1))) }
