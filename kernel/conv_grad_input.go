package kernel

import "unsafe"

func convGradInputIn(f *tileForm, s ConvSpec) *Code {
	s = s.filled()
	switch {
	case !s.grouped():
		return nil
	case s.places() <= 0 || s.C <= 0:
		return &Code{}
	case s.empty():
		return Serial(s.places()*s.C/8, func(a *Args) { clear(a.Out[0]) })
	case s.pointwise() && s.Groups == 1:
		m := s.places()
		return gemmIn(f, GemmSpec{M: m, N: s.C, K: s.K, ARow: s.K, ACol: 1, BRow: 1, BCol: s.K, CRow: s.C}, 0)
	}
	c := &Code{}
	if g := s.foldOf(f); g > 1 {
		return s.foldedGradInput(f, g, c)
	}
	var all []*sweep
	var moves []tapMove
	for _, at := range s.residues() {
		h := residue(at[2], s.W, s.PadLeft, s.KW, s.StrideW, s.DilW)
		l := [3]line{s.deep(at[0]), s.down(at[1]), h}
		for _, w := range s.residueSweeps(f, at, l) {
			w.place(true, c)
			all = append(all, w)
			moves = append(moves, w.tapMoves(l, s)...)
		}
	}
	return s.turned(c, all, moves)
}

// residues are the places of a pixel modulo the strides that occur.
func (s ConvSpec) residues() [][3]int {
	var all [][3]int
	for k := range min(s.StrideD, s.D) {
		for i := range min(s.StrideH, s.H) {
			for j := range min(s.StrideW, s.W) {
				all = append(all, [3]int{k, i, j})
			}
		}
	}
	return all
}

func (s ConvSpec) deep(i int) line { return residue(i, s.D, s.PadFront, s.KD, s.StrideD, s.DilD) }
func (s ConvSpec) down(i int) line { return residue(i, s.H, s.PadTop, s.KH, s.StrideH, s.DilH) }

// residueSweeps give the pixels of dx that begin at a place, a stride apart.
func (s ConvSpec) residueSweeps(f *tileForm, at [3]int, l [3]line) []*sweep {
	w := s.residueSweep(f, at, l)
	return w.groups(s.Groups, s.depthwise())
}

func (s ConvSpec) residueSweep(f *tileForm, at [3]int, l [3]line) sweep {
	w := sweep{
		form: f, id: s.OutD(), ih: s.OutH(), iw: s.OutW(), ic: s.K, od: l[0].count, oh: l[1].count, ow: l[2].count, oc: s.C,
		kd: l[0].taps, kh: l[1].taps, kw: l[2].taps, sz: 1, sy: 1, sx: 1, dz: l[0].step, dy: l[1].step, dx: l[2].step,
		z0: l[0].first, y0: l[1].first, x0: l[2].first, whole: s.K, pixel: s.K, filterRow: s.K,
		outAt:  ((at[0]*s.H+at[1])*s.W + at[2]) * s.C,
		outRow: s.StrideH * s.W * s.C, outCol: s.StrideW * s.C, outPlane: s.StrideD * s.H * s.W * s.C,
		outImage: s.D * s.H * s.W * s.C,
	}
	if w.kd == 0 || w.kh == 0 || w.kw == 0 {
		w.kd, w.kh, w.kw = 0, 0, 0
	}
	return w
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

// floorDiv is ⌊a/b⌋.
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
	tap   int // (e·KH+r)·KW+s
	sweep *sweep
	row   int // in the panels
}

func (w *sweep) tapMoves(l [3]line, s ConvSpec) []tapMove {
	var moves []tapMove
	for e := range w.kd {
		for a := range w.kh {
			for b := range w.kw {
				tap := ((l[0].last-e*l[0].every)*s.KH+l[1].last-a*l[1].every)*s.KW + l[2].last - b*l[2].every
				moves = append(moves, tapMove{tap, w, ((e*w.kh+a)*w.kw + b) * w.ic})
			}
		}
	}
	return moves
}

// turned is c with the sweeps, after the phase that makes their filters.
func (s ConvSpec) turned(c *Code, all []*sweep, moves []tapMove) *Code {
	if len(moves) > 0 {
		c.Phases = append(c.Phases, turnPhase(s, moves))
	}
	return sweepsOf(c, s.N, all)
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
				dst := floats(a.Shared, w.at+(p*w.depth()+m.row)*w.width)
				if w.form.along {
					src := floats(a.In[1], m.tap*s.K+j)
					copy(unsafe.Slice((*float32)(dst), n), unsafe.Slice((*float32)(src), n))
					continue
				}
				src := floats(a.In[1], (m.tap*in+j)*s.K+w.blockAt+w.inAt)
				transpose(dst, src, 4*w.width, 4*s.K, n, out)
			}
		},
	}
}
