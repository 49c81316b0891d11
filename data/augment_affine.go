package data

import (
	"math"

	"github.com/ihae/ihae/rng"
)

// Affine turns, moves, scales and shears about the middle of the image, each
// evenly within its range, and samples bilinearly.
type Affine struct {
	Rotate float64 // degrees, up to this either way
	Shift  float64 // samples, up to this either way in x and in y
	Scale  float64 // 0.1: from 0.9 to 1.1 times
	Shear  float64 // degrees, up to this either way, along x
	Fill   Fill
}

// Name implements [Augment].
func (Affine) Name() string { return "affine" }

// Apply implements [Augment].
func (a Affine) Apply(p *Pixels, r rng.Stream) {
	draw := p.Draws(r)
	within := func(limit float64) float64 { return limit * (2*draw.Float64() - 1) }
	angle, dx, dy := within(a.Rotate)*math.Pi/180, within(a.Shift), within(a.Shift)
	scale, shear := 1+within(a.Scale), math.Tan(within(a.Shear)*math.Pi/180)
	// The image moves by A = scale · R(angle) · [1 shear; 0 1], so the sample at a
	// place comes from A^-1 of it.
	sin, cos := math.Sincos(angle)
	inverse := [4]float64{
		(cos + float64(shear*sin)) / scale, (sin - float64(shear*cos)) / scale,
		-sin / scale, cos / scale,
	}
	p.warp(inverse, dx, dy, a.Fill)
}

// warp takes each sample from m·(place - middle - shift) + middle.
func (p *Pixels) warp(m [4]float64, dx, dy float64, f Fill) {
	cy, cx := float64(p.H-1)/2, float64(p.W-1)/2
	dst, i := p.other(), 0
	for y := range p.H {
		v := float64(y) - cy - dy
		for x := range p.W {
			u := float64(x) - cx - dx
			sx := float64(m[0]*u) + float64(m[1]*v) + cx
			sy := float64(m[2]*u) + float64(m[3]*v) + cy
			p.bilinear(dst[i:i+p.C], sy, sx, f)
			i += p.C
		}
	}
	p.swap()
}

// bilinear samples between the four neighbours of (y, x).
func (p *Pixels) bilinear(dst []float32, y, x float64, f Fill) {
	y0, x0 := math.Floor(y), math.Floor(x)
	fy, fx := float32(y-y0), float32(x-x0)
	// Beyond the image by more than this, all four neighbours are outside.
	iy, ix := int(max(-2, min(y0, float64(p.H)))), int(max(-2, min(x0, float64(p.W))))
	if iy >= 0 && iy+1 < p.H && ix >= 0 && ix+1 < p.W {
		a := p.V[(iy*p.W+ix)*p.C:][:2*p.C]
		b := p.V[((iy+1)*p.W+ix)*p.C:][:2*p.C]
		for c := range dst {
			dst[c] = mix(mix(a[c], a[c+p.C], fx), mix(b[c], b[c+p.C], fx), fy)
		}
		return
	}
	for c := range dst {
		top := mix(p.at(iy, ix, c, f), p.at(iy, ix+1, c, f), fx)
		bottom := mix(p.at(iy+1, ix, c, f), p.at(iy+1, ix+1, c, f), fx)
		dst[c] = mix(top, bottom, fy)
	}
}

func mix(a, b, t float32) float32 { return a + float32((b-a)*t) }
