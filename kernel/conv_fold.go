package kernel

import "unsafe"

// A tile of one to three channels would use as many lanes of a vector, so the
// gradient with respect to few input channels treats g neighbouring pixels of a
// row as one of g·C channels. Their filter has, for each column of dy under any
// of them, the taps by which it touches each, zeros elsewhere.

// folding is the columns of dy under g pixels of dx, which begin at a multiple of
// g, itself a multiple of the stride: those from first on for the pixels from 0.
type folding struct{ g, first, columns int }

func (s ConvSpec) folding(g int) folding {
	first := ceilOf(s.PadLeft-s.KW+1, s.StrideW)
	return folding{g, first, floorDiv(g-1+s.PadLeft, s.StrideW) - first + 1}
}

// ceilOf is ⌈a/b⌉ for any a.
func ceilOf(a, b int) int { return -floorDiv(-a, b) }

// foldOf is the best number of pixels, 1 for no folding: the one with the fewest
// cycles for a row. A tile of fewer than four rows waits for its additions.
func (s ConvSpec) foldOf(f *tileForm) int {
	if s.DilW != 1 || s.Groups != 1 || s.C > f.lanes/2 {
		return 1
	}
	cycles := func(pixels, columns, vecs int) int {
		c := max(pixels*vecs, 4*ceilDiv(pixels, f.most[vecs]))
		return c * columns
	}
	best, least := 1, 0
	for j := range min(s.StrideW, s.W) {
		l := residue(j, s.W, s.PadLeft, s.KW, s.StrideW, 1)
		least += cycles(l.count, l.taps, 1)
	}
	for g := s.StrideW; g <= s.W+s.StrideW-1 && g*s.C <= f.lanes*f.vecs; g += s.StrideW {
		c := cycles(ceilDiv(s.W, g), s.folding(g).columns, ceilDiv(g*s.C, f.lanes))
		if s.W%g != 0 {
			c += 4
		}
		if c < least && g > 1 {
			best, least = g, c
		}
	}
	return best
}

// foldedGradInput is the gradient by sweeps of g pixels as one.
func (s ConvSpec) foldedGradInput(f *tileForm, g int, c *Code) *Code {
	var rows []foldRow
	var all []*sweep
	fold := s.folding(g)
	h := line{count: ceilDiv(s.W, g), taps: fold.columns, first: fold.first, step: 1}
	for _, at := range s.residues() {
		if at[2] != 0 {
			continue
		}
		l := [3]line{s.deep(at[0]), s.down(at[1]), h}
		v := s.residueSweep(f, at, l)
		w := &v
		w.sx, w.oc, w.outCol = g/s.StrideW, g*s.C, g*s.C
		if s.W%g != 0 {
			w.tail = s.W % g * s.C
		}
		w.place(true, c)
		all = append(all, w)
		for e := range w.kd {
			for a := range w.kh {
				tap := (l[0].last-e*l[0].every)*s.KH + l[1].last - a*l[1].every
				rows = append(rows, foldRow{tap * s.KW, w, (e*w.kh + a) * w.kw * w.ic})
			}
		}
	}
	if len(rows) > 0 {
		c.Phases = append(c.Phases, s.foldPhase(fold, rows))
	}
	return sweepsOf(c, s.N, all)
}

// A foldRow is a row of the filter, from tap on, that goes to rows of a sweep's
// panels.
type foldRow struct {
	tap   int
	sweep *sweep
	row   int
}

// foldPhase writes the filters of folded sweeps, one row in each piece.
func (s ConvSpec) foldPhase(fold folding, rows []foldRow) Phase {
	return Phase{
		Pieces: len(rows),
		Work:   len(rows) * fold.columns * s.K * fold.g * s.C,
		Run: func(a *Args, piece int, _ Memory) {
			r := rows[piece]
			w := r.sweep
			for p := range w.panels {
				at := w.at + (p*w.depth()+r.row)*w.width
				to := unsafe.Slice((*float32)(floats(a.Shared, at)), w.kw*w.ic*w.width)
				clear(to)
				for j := p * w.width; j < min((p+1)*w.width, w.oc); j++ {
					s.foldColumn(to[j-p*w.width:], a.In[1].F32(), fold, r, j)
				}
			}
		},
	}
}

// foldColumn writes column j of the rows of r's filter.
func (s ConvSpec) foldColumn(to, w []float32, fold folding, r foldRow, j int) {
	pixel, c, width := j/s.C, j%s.C, r.sweep.width
	for q := range fold.columns {
		tap := pixel + s.PadLeft - (fold.first+q)*s.StrideW
		if tap < 0 || tap >= s.KW {
			continue
		}
		from := w[((r.tap+tap)*s.C+c)*s.K:][:s.K]
		for k, v := range from {
			to[(q*s.K+k)*width] = v
		}
	}
}
