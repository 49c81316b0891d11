package kernel

import "unsafe"

// foldOf is how many neighbouring pixels of oc channels a tile should treat as
// one pixel of many channels: with one channel a tile would use one lane of a
// vector. Each of g pixels then pays for the kw+g-1 columns of input under all
// of them, and a tile of fewer than four rows waits for its additions, so the
// best g is the one with the fewest cycles for a row of ow pixels.
func foldOf(f *tileForm, oc, kw, ow int) int {
	best, least := 1, 0
	for g := 1; g <= min(f.lanes/oc, ow); g++ {
		rows := ow / g
		cycles := max(rows, 4*ceilDiv(rows, f.most[1]))
		if ow%g != 0 {
			cycles += 4
		}
		cycles *= kw + g - 1
		if g == 1 || cycles < least {
			best, least = g, cycles
		}
	}
	return best
}

// fold is w with g pixels as one: its filter has the filter of w g times, each
// a column of input further to the right.
func (w sweep) fold(g int) *sweep {
	w.tail = w.ow % g * w.oc
	w.ow = ceilDiv(w.ow, g)
	w.kw += g - 1
	w.sx = g
	w.outCol *= g
	w.oc *= g
	return &w
}

// foldedGradInput is the gradient with respect to few input channels.
func (s ConvSpec) foldedGradInput(f *tileForm, c *Code) *Code {
	var moves []tapMove
	var pairs [][2]*sweep
	var all []*sweep
	g := foldOf(f, s.C, s.KW, s.W)
	for i := range min(s.StrideH, s.H) {
		v := residue(i, s.H, s.PadTop, s.KH, s.StrideH, s.DilH)
		h := residue(0, s.W, s.PadLeft, s.KW, 1, 1)
		w := s.residueSweeps(f, i, 0, v, h)[0]
		folded := w.fold(g)
		w.place(true, c)
		folded.place(true, c)
		moves = append(moves, w.tapMoves(v, h, s.KW)...)
		if v.taps > 0 {
			pairs = append(pairs, [2]*sweep{w, folded})
		} else {
			folded.kh, folded.kw = 0, 0
		}
		all = append(all, folded)
	}
	if len(pairs) > 0 {
		c.Phases = append(c.Phases, turnPhase(s, moves), foldPhase(pairs, g))
	}
	sweepPhase(c, s.N, all)
	return c
}

// foldPhase writes the filters of folded sweeps from those of the plain ones.
// Both have one panel.
func foldPhase(pairs [][2]*sweep, g int) Phase {
	return Phase{
		Pieces: len(pairs),
		Work:   len(pairs) * pairs[0][1].steps() * g,
		Run: func(a *Args, piece int, _ Memory) {
			w, folded := pairs[piece][0], pairs[piece][1]
			for row := range folded.steps() {
				r, s, c := row/(folded.kw*w.ic), row/w.ic%folded.kw, row%w.ic
				to := unsafe.Slice((*float32)(floats(a.Shared, folded.at+row*folded.width)), folded.width)
				clear(to)
				for u := max(s-w.kw+1, 0); u <= min(s, g-1); u++ {
					from := (r*w.kw+s-u)*w.ic + c
					copy(to[u*w.oc:(u+1)*w.oc], a.Shared.F32()[w.at+from*w.width:])
				}
			}
		},
	}
}
