package data

import (
	"math"
	"math/rand/v2"

	"github.com/ihae/ihae/rng"
)

// Erase hides, in a share of the images, a rectangle of 2 to 33 % of the area
// and sides of 0.3 to 3.3 to one another (Zhong et al., "Random Erasing Data
// Augmentation", 2017). Hidden samples get the image's mean per channel, which
// is neutral after normalisation.
type Erase struct {
	Share float64 // of the images, 0 to 1
}

// Name implements [Augment].
func (Erase) Name() string { return "erase" }

// Apply implements [Augment].
func (a Erase) Apply(p *Pixels, r rng.Stream) {
	draw := p.Draws(r)
	if draw.Float64() >= a.Share {
		return
	}
	if x, y, w, h, ok := rectangle(draw, p.W, p.H, 0.02, 0.33, 0.3, 3.3); ok {
		p.hide(x, y, w, h)
	}
}

// hide gives the samples of a rectangle the image's mean per channel. What of
// the rectangle lies outside of the image does not count.
func (p *Pixels) hide(x, y, w, h int) {
	for c := range p.C {
		sum := 0.0
		for i := c; i < len(p.V); i += p.C {
			sum += float64(p.V[i])
		}
		mean := float32(sum / float64(max(1, p.H*p.W)))
		for i := max(0, y); i < min(y+h, p.H); i++ {
			for j := max(0, x); j < min(x+w, p.W); j++ {
				p.V[(i*p.W+j)*p.C+c] = mean
			}
		}
	}
}

// rectangle draws one within width x height, of a share of the area drawn evenly
// from low to high and of proportions (width to height) drawn evenly on a scale
// of logarithms from narrow to wide. ok is false if ten drawn ones do not fit.
func rectangle(draw *rand.Rand, width, height int, low, high, narrow, wide float64) (x, y, w, h int, ok bool) {
	for range 10 {
		area := float64(width*height) * (low + float64((high-low)*draw.Float64()))
		ratio := math.Exp(math.Log(narrow) + float64((math.Log(wide)-math.Log(narrow))*draw.Float64()))
		w, h = int(math.Round(math.Sqrt(area*ratio))), int(math.Round(math.Sqrt(area/ratio)))
		if w >= 1 && h >= 1 && w <= width && h <= height {
			return draw.IntN(width - w + 1), draw.IntN(height - h + 1), w, h, true
		}
	}
	return 0, 0, 0, 0, false
}
