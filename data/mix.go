package data

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// The fields of batches whose examples are mixtures of two.
const (
	FieldOther = "label2" // the second label, of the type of the first
	FieldShare = "mix"    // float32 [N]: how much the first label counts, 0 to 1
)

// Mix mixes each image of a batch with another one of it. How much of the first
// stays is drawn from Beta(a, a); where both ways are on, each batch takes one of
// them. The zero Mix does nothing.
type Mix struct {
	Mixup  float64 // 0, or a of the shares of samples: Zhang et al., "mixup", 2018
	CutMix float64 // 0, or a of the shares of the area: Yun et al., "CutMix", 2019
}

// On says whether there is anything to do.
func (m Mix) On() bool { return m != Mix{} }

// Check refuses settings that have no meaning for the input.
func (m Mix) Check(in Input, out Output) error {
	switch {
	case !m.On():
		return nil
	case !(m.Mixup >= 0) || !(m.CutMix >= 0) || m.Mixup > 100 || m.CutMix > 100:
		return fmt.Errorf("data: mixing with %v and %v; wanted 0 to 100", m.Mixup, m.CutMix)
	case !in.Is(KindImage) || !out.Is(OutputClass):
		return fmt.Errorf("data: mixing is for images of classes")
	}
	return nil
}

// mixer is the memory of one batch's mixing.
type mixer struct {
	image []float32 // as it was
	label []int32   // the second labels
	share []float32
	order []int // the example that each is mixed with
	rand  rng.Generator
}

// newMixer adds the fields of a mixture to a batch.
func newMixer(b *Batch) *mixer {
	n := b.Label.Shape().Size()
	other := tensor.New(b.Label.Type())
	share := tensor.New(tensor.F32(n))
	b.Fields[FieldOther], b.Fields[FieldShare] = other, share
	return &mixer{
		image: make([]float32, b.Input.Shape().Size()), label: tensor.Of[int32](other), share: share.Floats(), order: make([]int, n),
	}
}

// apply mixes the rows of a batch of images of the input. What it draws comes
// from r alone.
func (x *mixer) apply(b *Batch, m Mix, in Input, r rng.Stream) {
	labels, v := tensor.Of[int32](b.Label), b.Input.Floats()
	copy(x.image, v)
	copy(x.label, labels)
	for i := range x.share {
		x.share[i] = 1
	}
	draw := x.rand.At(r)
	cut := m.Mixup == 0 || m.CutMix > 0 && draw.Uint64()&1 == 0
	n := len(v) / len(labels)
	for k, other := range x.permuted(draw, b.Count) {
		row, from := v[k*n:(k+1)*n], x.image[other*n:(other+1)*n]
		x.label[k] = labels[other]
		if cut {
			x.share[k] = paste(row, from, in, beta(draw, m.CutMix), draw)
			continue
		}
		share := float32(beta(draw, m.Mixup))
		x.share[k] = share
		for i := range row {
			row[i] = float32(row[i]*share) + float32(from[i]*(1-share))
		}
	}
}

// permuted is rand.Perm in memory that is there.
func (x *mixer) permuted(draw *rand.Rand, n int) []int {
	p := x.order[:n]
	for i := range p {
		p[i] = i
	}
	draw.Shuffle(n, func(i, j int) { p[i], p[j] = p[j], p[i] })
	return p
}

// paste copies a rectangle of about 1-keep of the area about a middle drawn
// evenly, and tells the share of the area that stayed.
func paste(row, from []float32, in Input, keep float64, draw *rand.Rand) float32 {
	side := math.Sqrt(1 - keep)
	w, h := int(float64(in.Width)*side), int(float64(in.Height)*side)
	x, y := draw.IntN(in.Width)-w/2, draw.IntN(in.Height)-h/2
	x0, x1 := max(0, x), min(in.Width, x+w)
	y0, y1 := max(0, y), min(in.Height, y+h)
	planes, c := 1, in.Channels // rows of W·c samples in each plane
	if in.Layout == "NCHW" {
		planes, c = in.Channels, 1
	}
	for p := range planes {
		for r := y0; r < y1 && x0 < x1; r++ {
			line := (p*in.Height + r) * in.Width * c
			copy(row[line+x0*c:line+x1*c], from[line+x0*c:])
		}
	}
	area := max(0, x1-x0) * max(0, y1-y0)
	return 1 - float32(area)/float32(in.Width*in.Height)
}

// beta draws from Beta(a, a) as the share of one of two draws of Gamma(a).
func beta(draw *rand.Rand, a float64) float64 {
	x, y := gamma(draw, a), gamma(draw, a)
	if x+y == 0 { // both too small to be told from nothing
		return float64(draw.Uint64() & 1)
	}
	return x / (x + y)
}

// gamma draws from Gamma(a, 1): Marsaglia and Tsang, "A Simple Method for
// Generating Gamma Variables", 2000; below 1 from Gamma(a+1)·u^(1/a).
func gamma(draw *rand.Rand, a float64) float64 {
	if a < 1 {
		return gamma(draw, a+1) * math.Pow(1-draw.Float64(), 1/a)
	}
	d := a - 1./3
	c := 1 / math.Sqrt(9*d)
	for {
		x := draw.NormFloat64()
		v := 1 + float64(c*x)
		v = v * v * v
		if v > 0 && math.Log(1-draw.Float64()) < float64(0.5*x*x)+d-float64(d*v)+float64(d*math.Log(v)) {
			return d * v
		}
	}
}
