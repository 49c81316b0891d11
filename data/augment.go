package data

import (
	"math/rand/v2"

	"github.com/ihae/ihae/rng"
)

// Pixels is an image during training: samples [H W C] scaled to 0 to 1 (p·Scale
// of [Input]), not yet normalised.
type Pixels struct {
	H, W, C int
	V       []float32
	spare   []float32
	rand    rng.Generator
}

// NewPixels is a black image.
func NewPixels(h, w, c int) *Pixels {
	return &Pixels{H: h, W: w, C: c, V: make([]float32, h*w*c), spare: make([]float32, h*w*c)}
}

// Draws is the image's generator, at the beginning of r until it is asked for again.
func (p *Pixels) Draws(r rng.Stream) *rand.Rand { return p.rand.At(r) }

// other is memory of the same size, to be exchanged with V by swap.
func (p *Pixels) other() []float32 {
	if len(p.spare) != len(p.V) {
		p.spare = make([]float32, len(p.V))
	}
	return p.spare
}

func (p *Pixels) swap() { p.V, p.spare = p.spare, p.V }

// Augment changes an image at random, as a photographer might have taken it
// otherwise. What it draws comes from r alone, and the label stays true.
type Augment interface {
	// Name is the stream's name: adding another augmentation changes nothing of
	// what this one draws.
	Name() string
	// Apply changes p by what r draws; p.Draws(r) is r.Rand() without new memory.
	Apply(p *Pixels, r rng.Stream)
}

// Fill is what stands outside of an image.
type Fill uint8

// The fills.
const (
	FillZero Fill = iota // black
	FillEdge             // the nearest sample of the border
)

// at is sample c of row y and column x.
func (p *Pixels) at(y, x, c int, f Fill) float32 {
	if y < 0 || y >= p.H || x < 0 || x >= p.W {
		if f == FillZero {
			return 0
		}
		y, x = max(0, min(y, p.H-1)), max(0, min(x, p.W-1))
	}
	return p.V[(y*p.W+x)*p.C+c]
}
