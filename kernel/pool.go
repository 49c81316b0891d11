package kernel

import "unsafe"

// PoolSpec is windows of KD by KH by KW over volumes [N D H W C]. Padding is never
// part of a window. D, KD, StrideD and DilD of 0 mean 1: then x is images.
type PoolSpec struct {
	N, D, H, W, C                        int
	KD, KH, KW                           int
	StrideD, StrideH, StrideW            int
	PadFront, PadBack                    int
	PadTop, PadLeft, PadBottom, PadRight int
	DilD, DilH, DilW                     int // distance of neighbours in a window, at least 1
}

// OutD is the depth of the result.
func (s PoolSpec) OutD() int {
	return windows(max(s.D, 1)+s.PadFront+s.PadBack, max(s.KD, 1), max(s.DilD, 1), max(s.StrideD, 1))
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
	od, oh, ow int
	vec        *vecTable
	kernel     *poolTable
}

func newPool(s PoolSpec) *pool {
	s.D, s.KD, s.StrideD, s.DilD = max(s.D, 1), max(s.KD, 1), max(s.StrideD, 1), max(s.DilD, 1)
	return &pool{s, s.OutD(), s.OutH(), s.OutW(), vecForms.Best(), poolForms.Best()}
}

func (p *pool) outSize() int { return p.N * p.od * p.oh * p.ow * p.C }
func (p *pool) inSize() int  { return p.N * p.D * p.H * p.W * p.C }
func (p *pool) work() int    { return p.outSize()*p.taps()/8 + 20*p.N*p.od*p.oh }

// taps is the most taps of a window that lie inside the volume.
func (p *pool) taps() int { return min(p.KD, p.D) * min(p.KH, p.H) * min(p.KW, p.W) }

// local holds the list of taps.
func (p *pool) local() int { return 8 * p.taps() }

// stretch is windows from one on along a row that have the same taps.
type stretch struct {
	taps   unsafe.Pointer // int64 distances in bytes from src
	n      int            // taps
	src    int            // element of the first tap of the first window
	pixels int
}

// stretch finds the windows from (oh, ow) of a plane of the result on.
func (p *pool) stretch(plane, oh, ow int, local Memory) stretch {
	front, top, left := plane%p.od*p.StrideD-p.PadFront, oh*p.StrideH-p.PadTop, ow*p.StrideW-p.PadLeft
	j0, j1 := span(front, p.KD, p.DilD, p.D)
	k0, k1 := span(top, p.KH, p.DilH, p.H)
	l0, l1 := span(left, p.KW, p.DilW, p.W)
	s := stretch{taps: base(local), pixels: 1}
	if j0 == j1 || k0 == k1 || l0 == l1 {
		return s
	}
	if l1-l0 == p.KW {
		// The last window that ends inside the volume.
		last := (p.W - (p.KW-1)*p.DilW - 1 + p.PadLeft) / p.StrideW
		s.pixels = min(last, p.ow-1) - ow + 1
	}
	s.src = (((plane/p.od*p.D+front+j0*p.DilD)*p.H+top+k0*p.DilH)*p.W + left + l0*p.DilW) * p.C
	taps := unsafe.Slice((*int64)(s.taps), p.taps())
	for j := range j1 - j0 {
		for k := range k1 - k0 {
			for l := range l1 - l0 {
				taps[s.n] = int64(4 * ((j*p.DilD*p.H+k*p.DilH)*p.W + l*p.DilW) * p.C)
				s.n++
			}
		}
	}
	return s
}

// forward is a Code that computes each output row apart.
func (p *pool) forward(work func(a *Args, at int, s stretch)) *Code {
	rows := p.N * p.od * p.oh
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
