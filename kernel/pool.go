package kernel

import "unsafe"

// PoolSpec is windows of KH by KW over images [N H W C]. Padding is never part
// of a window.
type PoolSpec struct {
	N, H, W, C                           int
	KH, KW                               int
	StrideH, StrideW                     int
	PadTop, PadLeft, PadBottom, PadRight int
	DilH, DilW                           int // distance of neighbours in a window, at least 1
}

// OutH is the height of the result.
func (s PoolSpec) OutH() int { return windows(s.H+s.PadTop+s.PadBottom, s.KH, s.DilH, s.StrideH) }

// OutW is the width of the result.
func (s PoolSpec) OutW() int { return windows(s.W+s.PadLeft+s.PadRight, s.KW, s.DilW, s.StrideW) }

func windows(size, k, dilation, stride int) int {
	if size -= (k-1)*dilation + 1; size < 0 {
		return 0
	}
	return size/stride + 1
}

// span is the part [from, to) of a window's axis of k taps that lies inside the
// image, for the window that begins at first.
func span(first, k, dilation, size int) (from, to int) {
	if first < 0 {
		from = (-first + dilation - 1) / dilation
	}
	to = k
	if over := size - first; over < (k-1)*dilation+1 {
		to = max(0, (over+dilation-1)/dilation)
	}
	return min(from, to), to
}

// pool walks over windows. Neighbouring windows with the same taps are one call
// of a kernel.
type pool struct {
	PoolSpec
	oh, ow int
	vec    *vecTable
	kernel *poolTable
}

func newPool(s PoolSpec) *pool {
	return &pool{s, s.OutH(), s.OutW(), vecForms.Best(), poolForms.Best()}
}

func (p *pool) outSize() int { return p.N * p.oh * p.ow * p.C }
func (p *pool) inSize() int  { return p.N * p.H * p.W * p.C }
func (p *pool) work() int    { return p.outSize()*p.taps()/8 + 20*p.N*p.oh }

// taps is the most taps of a window that lie inside the image.
func (p *pool) taps() int { return min(p.KH, p.H) * min(p.KW, p.W) }

// local holds the list of taps.
func (p *pool) local() int { return 8 * p.taps() }

// stretch is windows from one on along a row that have the same taps.
type stretch struct {
	taps   unsafe.Pointer // int64 distances in bytes from src
	n      int            // taps
	src    int            // element of the first tap of the first window
	pixels int
}

// stretch finds the windows from (oh, ow) of image on.
func (p *pool) stretch(image, oh, ow int, local Memory) stretch {
	top, left := oh*p.StrideH-p.PadTop, ow*p.StrideW-p.PadLeft
	k0, k1 := span(top, p.KH, p.DilH, p.H)
	l0, l1 := span(left, p.KW, p.DilW, p.W)
	s := stretch{taps: base(local), pixels: 1}
	if k0 == k1 || l0 == l1 {
		return s
	}
	if l1-l0 == p.KW {
		// The last window that ends inside the image.
		last := (p.W - (p.KW-1)*p.DilW - 1 + p.PadLeft) / p.StrideW
		s.pixels = min(last, p.ow-1) - ow + 1
	}
	s.src = ((image*p.H+top+k0*p.DilH)*p.W + left + l0*p.DilW) * p.C
	taps := unsafe.Slice((*int64)(s.taps), p.taps())
	for k := range k1 - k0 {
		for l := range l1 - l0 {
			taps[s.n] = int64(4 * (k*p.DilH*p.W + l*p.DilW) * p.C)
			s.n++
		}
	}
	return s
}

// forward is a Code that computes each output row apart.
func (p *pool) forward(work func(a *Args, at int, s stretch)) *Code {
	rows := p.N * p.oh
	if rows*p.ow*p.C == 0 {
		return &Code{}
	}
	per := rowsPerPiece(p.ow * p.C)
	return &Code{
		Local: p.local(),
		Phases: []Phase{{
			Pieces: (rows + per - 1) / per,
			Work:   p.work(),
			Run: func(a *Args, piece int, local Memory) {
				for r := piece * per; r < min(rows, piece*per+per); r++ {
					for ow := 0; ow < p.ow; {
						s := p.stretch(r/p.oh, r%p.oh, ow, local)
						work(a, (r*p.ow+ow)*p.C, s)
						ow += s.pixels
					}
				}
			},
		}},
	}
}

// steps is the bytes from a window to the next one in the image and in the result.
func (p *pool) steps() (image, result int) { return 4 * p.StrideW * p.C, 4 * p.C }
