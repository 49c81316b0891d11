package data

import (
	"math"

	"github.com/ihae/ihae/rng"
)

// Jitter changes brightness, contrast, saturation and hue in an order drawn
// anew, by factors drawn evenly: from 1-b to 1+b, not below 0, and for hue a
// share of the circle from -Hue to Hue (Szegedy et al., "Going Deeper with
// Convolutions", 2015, after Howard, 2013; the formulas of torchvision). Grey
// images have no saturation and no hue.
type Jitter struct {
	Brightness, Contrast, Saturation, Hue float64
}

// Name implements [Augment].
func (Jitter) Name() string { return "jitter" }

// Apply implements [Augment].
func (a Jitter) Apply(p *Pixels, r rng.Stream) {
	draw := p.Draws(r)
	factor := func(limit float64) float32 { return float32(max(0, 1+limit*(2*draw.Float64()-1))) }
	brightness, contrast, saturation := factor(a.Brightness), factor(a.Contrast), factor(a.Saturation)
	hue := a.Hue * (2*draw.Float64() - 1)
	order := [4]int{0, 1, 2, 3}
	draw.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	for _, change := range order {
		switch change {
		case 0:
			p.blend(brightness, func(int) float32 { return 0 })
		case 1:
			mean := p.meanLuma()
			p.blend(contrast, func(int) float32 { return mean })
		case 2:
			if p.C == 3 {
				p.blend(saturation, p.luma)
			}
		case 3:
			if p.C == 3 && hue != 0 {
				p.turnHue(hue)
			}
		}
	}
}

// blend makes each sample f·v + (1-f)·other, kept within 0 to 1.
func (p *Pixels) blend(f float32, other func(pixel int) float32) {
	if f == 1 {
		return
	}
	for i := range p.H * p.W {
		o := float32((1 - f) * other(i))
		for c := range p.C {
			v := &p.V[i*p.C+c]
			*v = max(0, min(1, float32(f**v)+o))
		}
	}
}

// luma is the brightness of a pixel, by ITU-R BT.601.
func (p *Pixels) luma(i int) float32 {
	if p.C != 3 {
		return p.V[i*p.C]
	}
	v := p.V[3*i : 3*i+3]
	return float32(0.2989*v[0]) + float32(0.587*v[1]) + float32(0.114*v[2])
}

func (p *Pixels) meanLuma() float32 {
	sum := 0.0
	for i := range p.H * p.W {
		sum += float64(p.luma(i))
	}
	return float32(sum / float64(max(1, p.H*p.W)))
}

// turnHue adds a share of the circle to the hue of each pixel.
func (p *Pixels) turnHue(by float64) {
	for i := range p.H * p.W {
		v := p.V[3*i : 3*i+3]
		h, s, top := hsv(v[0], v[1], v[2])
		v[0], v[1], v[2] = rgb(float32(math.Mod(float64(h)+by+1, 1)), s, top)
	}
}

// hsv is hue, saturation and value, each of 0 to 1 (Smith, "Color Gamut
// Transform Pairs", 1978).
func hsv(r, g, b float32) (h, s, v float32) {
	top, low := max(r, g, b), min(r, g, b)
	if top == low {
		return 0, 0, top
	}
	d := top - low
	switch top {
	case r:
		h = (g - b) / d
	case g:
		h = 2 + (b-r)/d
	default:
		h = 4 + (r-g)/d
	}
	return float32(math.Mod(float64(h)/6+1, 1)), d / top, top
}

// rgb undoes hsv.
func rgb(h, s, v float32) (r, g, b float32) {
	sector := int(h * 6)
	f := h*6 - float32(sector)
	p, q, t := v*(1-s), v*(1-float32(s*f)), v*(1-float32(s*(1-f)))
	switch sector % 6 {
	case 0:
		return v, t, p
	case 1:
		return q, v, p
	case 2:
		return p, v, t
	case 3:
		return p, q, v
	case 4:
		return t, p, v
	}
	return v, p, q
}
