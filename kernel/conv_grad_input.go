package kernel

import "unsafe"

func conv2DGradInputIn(f *tileForm, s ConvSpec) *Code {
	s = s.filled()
	switch {
	case !s.grouped():
		return nil
	case s.N <= 0 || s.H <= 0 || s.W <= 0 || s.C <= 0:
		return &Code{}
	case s.empty():
		return Serial(s.N*s.H*s.W*s.C/8, func(a *Args) { clear(a.Out[0]) })
	case s.pointwise() && s.Groups == 1:
		m := s.N * s.H * s.W
		return gemmIn(f, GemmSpec{M: m, N: s.C, K: s.K, ARow: s.K, ACol: 1, BRow: 1, BCol: s.K, CRow: s.C}, 0)
	}
	c := &Code{}
	if s.StrideW == 1 && s.DilW == 1 && s.Groups == 1 && foldOf(f, s.C, s.KW, s.W) > 1 {
		return s.foldedGradInput(f, c)
	}
	var all []*sweep
	var moves []tapMove
	for i := range min(s.StrideH, s.H) {
		for j := range min(s.StrideW, s.W) {
			v := residue(i, s.H, s.PadTop, s.KH, s.StrideH, s.DilH)
			h := residue(j, s.W, s.PadLeft, s.KW, s.StrideW, s.DilW)
			for _, w := range s.residueSweeps(f, i, j, v, h) {
				w.place(true, c)
				all = append(all, w)
				moves = append(moves, w.tapMoves(v, h, s.KW)...)
			}
		}
	}
	if len(moves) > 0 {
		c.Phases = append(c.Phases, turnPhase(s, moves))
	}
	sweepPhase(c, s.N, all)
	return c
}

// residueSweeps give the pixels (i, j), (i, j+StrideW), … of dx.
func (s ConvSpec) residueSweeps(f *tileForm, i, j int, v, h line) []*sweep {
	w := sweep{
		form: f, ih: s.OutH(), iw: s.OutW(), ic: s.K, oh: v.count, ow: h.count, oc: s.C, kh: v.taps, kw: h.taps,
		sy: 1, sx: 1, dy: v.step, dx: h.step, y0: v.first, x0: h.first, pixel: s.K, filterRow: s.K,
		outAt: (i*s.W + j) * s.C, outRow: s.StrideH * s.W * s.C, outCol: s.StrideW * s.C, outImage: s.H * s.W * s.C,
	}
	if v.taps == 0 || h.taps == 0 {
		w.kh, w.kw = 0, 0
	}
	return w.groups(s.Groups, s.depthwise())
}

// A line is, along one axis, the input places start, start+stride, … and what
// of the output they touch: place number i takes, for a = 0, 1, … below taps,
// output first+i+a·step by the filter's tap last-a·every.
type line struct{ count, taps, first, step, last, every int }

// residue is the line of places i, i+stride, …: the output o and tap r touch
// place o·stride - pad + r·dil, so the taps are those with r·dil equal to
// i+pad modulo the stride.
func residue(i, size, pad, taps, stride, dil int) line {
	l := line{count: ceilDiv(size-i, stride), step: 1, every: 1}
	r := 0
	for ; r < taps; r++ {
		if (i+pad-r*dil)%stride != 0 {
			continue
		}
		if l.taps == 1 {
			l.every = r - l.last
			l.step = l.every * dil / stride
		}
		l.taps++
		l.last = r
	}
	l.first = floorDiv(i+pad-l.last*dil, stride)
	return l
}

// floorDiv is a/b, which is exact where a residue has taps.
func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// A tapMove transposes the matrix [C K] of the filter's tap to rows of a sweep's
// panels.
type tapMove struct {
	tap   int // r·KW+s
	sweep *sweep
	row   int // in the panels
}

func (w *sweep) tapMoves(v, h line, kw int) []tapMove {
	var moves []tapMove
	for a := range w.kh {
		for b := range w.kw {
			tap := (v.last-a*v.every)*kw + h.last - b*h.every
			moves = append(moves, tapMove{tap, w, (a*w.kw + b) * w.ic})
		}
	}
	return moves
}

// turnPhase writes the filter of each sweep, one tap in each piece.
func turnPhase(s ConvSpec, moves []tapMove) Phase {
	transpose := transposeForms.Best()
	in, out := s.C/s.Groups, s.K/s.Groups
	return Phase{
		Pieces: len(moves),
		Work:   len(moves) * in * out / 2,
		Run: func(a *Args, piece int, _ Memory) {
			m := moves[piece]
			w := m.sweep
			for p := range w.panels {
				j := p * w.width
				n := min(w.width, w.oc-j)
				dst := floats(a.Shared, w.at+(p*w.steps()+m.row)*w.width)
				if w.form.along {
					src := floats(a.In[1], m.tap*s.K+j)
					copy(unsafe.Slice((*float32)(dst), n), unsafe.Slice((*float32)(src), n))
					continue
				}
				src := floats(a.In[1], (m.tap*in+j)*s.K+w.inAt)
				transpose(dst, src, 4*w.width, 4*s.K, n, out)
			}
		},
	}
}
