package data

import "github.com/ihae/ihae/rng"

// Light changes contrast and brightness: v becomes
// (v - mean)·contrast + mean + brightness, where mean is the image's, contrast
// is drawn from 1-Contrast to 1+Contrast and brightness from -Brightness to
// Brightness. The result is kept within 0 to 1.
type Light struct {
	Brightness float64
	Contrast   float64
}

// Name implements [Augment].
func (Light) Name() string { return "light" }

// Apply implements [Augment].
func (a Light) Apply(p *Pixels, r rng.Stream) {
	draw := p.Draws(r)
	contrast := float32(1 + a.Contrast*(2*draw.Float64()-1))
	brightness := float32(a.Brightness * (2*draw.Float64() - 1))
	sum := 0.0
	for _, v := range p.V {
		sum += float64(v)
	}
	mean := float32(sum / float64(max(1, len(p.V))))
	for i, v := range p.V {
		p.V[i] = max(0, min(1, float32((v-mean)*contrast)+mean+brightness))
	}
}
