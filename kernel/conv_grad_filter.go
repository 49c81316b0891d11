package kernel

import "unsafe"

// A filterGrad is the gradient of a convolution with respect to its filter:
//
//	dw[e, r, s, c, k] = Σ over n, o, p, q of
//	    x[n, o·sz-pf+e·dz, p·sy-pt+r·dy, q·sx-pl+s·dx, c]·dy[n, o, p, q, k]
//
// Each piece sums over a fixed group of planes of dy; the groups are added in order.
// The tiles have as rows the kw·C elements under a row of the filter, step
// along a row of output, and have the rows of output as taps.
type filterGrad struct {
	ConvSpec
	form       *tileForm
	od, oh, ow int
	in         int // channels of a group of channels
	out        int // columns of the tiles: filters of a group of channels, or all along them
	width      int
	groups     int // of planes, which are summed apart
	planes     int // of a group
	split      int // pieces of a group, by rows of the filter, those of all its planes
	rows       int // of output at a time
	span       int // columns of input under a row of output
	padded     bool
	packs      bool // copies the columns of dy under a panel
	dyAt       int  // element of the scratch where these are
	taps       []int64
}

const partialLimit = 16 << 20 // bytes of the sums of groups

func convGradFilterIn(f *tileForm, s ConvSpec) *Code {
	s = s.filled()
	switch {
	case !s.grouped():
		return nil
	case s.C <= 0 || s.K <= 0 || s.KD <= 0 || s.KH <= 0 || s.KW <= 0:
		return &Code{}
	case s.empty():
		return Serial(s.KD*s.KH*s.KW*s.C*s.K/8, func(a *Args) { clear(a.Out[0]) })
	case s.pointwise() && s.Groups == 1:
		m := s.places()
		return gemmIn(f, GemmSpec{M: s.C, N: s.K, K: m, ARow: 1, ACol: s.C, BRow: s.K, BCol: 1, CRow: s.K}, 0)
	}
	g := &filterGrad{ConvSpec: s, form: f, od: s.OutD(), oh: s.OutH(), ow: s.OutW(), in: s.C / s.Groups, out: s.K / s.Groups}
	if s.depthwise() {
		g.form, g.out = alongForm(f), s.K
	}
	g.width = g.form.width(g.out)
	g.plan()
	c := &Code{}
	if g.padded {
		g.dyAt = min((g.rows-1)*s.StrideH+(s.KH-1)*s.DilH+1, s.H) * g.span * g.C
	}
	c.Local = 4 * g.dyAt
	if g.packs {
		c.Local += 4 * g.rows * g.ow * g.width
	}
	c.Phases = append(c.Phases, g.groupPhase())
	if g.groups > 1 {
		c.Shared = 4 * g.groups * g.size()
		c.Phases = append(c.Phases, g.sumPhase())
	}
	return c
}

func (g *filterGrad) size() int { return g.KD * g.KH * g.KW * g.in * g.K }

// plan decides how the work is cut.
func (g *filterGrad) plan() {
	g.groups = min(g.N*g.od, 16, max(partialLimit/(4*g.size()), 1))
	g.planes = ceilDiv(g.N*g.od, g.groups)
	g.groups = ceilDiv(g.N*g.od, g.planes)
	g.split = 1
	if g.groups < 8 {
		g.split = g.KD * g.KH
	}
	g.span = (g.ow-1)*g.StrideW + (g.KW-1)*g.DilW + 1
	g.packs = g.K > 64 && g.KH*g.KW*g.in >= 128 // rows of tiles read each column
	g.padded = g.PadLeft > 0 || g.span-g.PadLeft > g.W
	row := g.W * g.C
	if g.padded {
		row = g.span * g.C
	}
	perRow := 4 * (g.StrideH*row + g.ow*min(g.K, 64))
	g.rows = min(g.oh, max(scratchLimit/perRow, 1))
	g.rows = ceilDiv(g.oh, ceilDiv(g.oh, g.rows))
	for p := range g.rows {
		g.taps = append(g.taps, int64(4*p*g.StrideH*row))
	}
}

// groupPhase sums over a group of planes in each piece.
func (g *filterGrad) groupPhase() Phase {
	return Phase{
		Pieces: g.groups * g.split,
		Work:   g.form.time(2 * g.N * g.od * g.oh * g.ow * g.size()),
		Run: func(a *Args, piece int, local Memory) {
			group, part := piece/g.split, piece%g.split
			r0, r1 := part*g.KD*g.KH/g.split, (part+1)*g.KD*g.KH/g.split
			out := a.Out[0]
			if g.groups > 1 {
				out = a.Shared[4*group*g.size():]
			}
			row := g.KW * g.in * g.K
			clear(out.F32()[r0*row : r1*row])
			for plane := group * g.planes; plane < min(g.N*g.od, (group+1)*g.planes); plane++ {
				for e := r0 / g.KH; e*g.KH < r1; e++ {
					r := [2]int{max(r0-e*g.KH, 0), min(r1-e*g.KH, g.KH)}
					g.plane(a, local, out[4*e*g.KH*row:], plane, e, r)
				}
			}
		},
	}
}

// plane adds what a plane of dy gives to rows r of plane e of the filter.
func (g *filterGrad) plane(a *Args, local, out Memory, plane, e int, r [2]int) {
	z := plane%g.od*g.StrideD - g.PadFront + e*g.DilD
	if z < 0 || z >= g.D {
		return
	}
	for p := 0; p < g.oh; p += g.rows {
		g.strip(a, local, out, [2]int{plane/g.od*g.D + z, plane}, [2]int{p, min(g.oh, p+g.rows)}, r)
	}
}

// strip adds what rows p of a plane of dy give with a plane of x to rows r of the
// filter; planes are those two.
func (g *filterGrad) strip(a *Args, local, out Memory, planes, p, r [2]int) {
	src, row := a.In[0], g.W*g.C
	base := planes[0]*g.H*row - g.PadLeft*g.C
	if g.padded {
		from := max(p[0]*g.StrideH-g.PadTop+r[0]*g.DilH, 0)
		to := min((p[1]-1)*g.StrideH-g.PadTop+(r[1]-1)*g.DilH+1, g.H)
		padRows(local.F32(), src.F32()[planes[0]*g.H*row:], from, to, g.span, -g.PadLeft, g.W, g.C)
		src, row = local, g.span*g.C
		base = -from * row
	}
	t := tile{
		form: g.form, k: g.ow, aRow: 4, aCol: 4 * g.StrideW * g.C, bRow: 4 * g.K, cRow: 4 * g.K,
		tap: unsafe.Pointer(&g.taps[0]), flags: tileAdd,
	}
	if g.packs {
		t.bRow = 4 * g.width
	}
	for first := 0; first < g.K; first += g.out {
		for j := first; j < first+g.out; j += g.width {
			t.setCols(min(g.width, first+g.out-j))
			dy := g.columns(a, local, planes[1], p, j, t.cols)
			for i := r[0]; i < r[1]; i++ {
				q0, q1 := g.validRows(i, p)
				if q0 >= q1 {
					continue
				}
				t.taps = q1 - q0
				t.b = unsafe.Add(dy, (q0-p[0])*g.ow*t.bRow)
				g.filterRow(&t, src, out, base+(q0*g.StrideH-g.PadTop+i*g.DilH)*row, i, j)
			}
		}
	}
}

// columns is where rows p of a plane of dy begin at column j, copied if g packs.
func (g *filterGrad) columns(a *Args, local Memory, plane int, p [2]int, j, n int) unsafe.Pointer {
	dy := floats(a.In[1], (plane*g.oh+p[0])*g.ow*g.K+j)
	if !g.packs {
		return dy
	}
	to := floats(local, g.dyAt)
	copyPixels(to, dy, (p[1]-p[0])*g.ow, 4*g.K, 4*g.width, n)
	return to
}

// filterRow runs t for row i of the filter, from column j on: src from element at.
func (g *filterGrad) filterRow(t *tile, src, out Memory, at, i, j int) {
	parts, m, channel := g.KW, g.in, j/g.out*g.in // the tile's rows are the channels under each tap
	switch {
	case g.form.along:
		parts, m, channel, t.aRow = 1, g.KW, j, 4*g.DilW*g.C // the taps of a row
	case g.DilW == 1 && g.in == g.C:
		parts, m = 1, g.KW*g.C // both
	}
	b := t.b
	for s := range parts {
		t.a, t.b = floats(src, at+s*g.DilW*g.C+channel), b
		t.c = floats(out, (i*parts+s)*m*g.K+j)
		t.strip(m)
	}
}

// validRows are the rows of output, within p, at which row i of the filter lies
// on the image.
func (g *filterGrad) validRows(i int, p [2]int) (q0, q1 int) {
	top := i*g.DilH - g.PadTop // place at output row 0
	q0, q1 = p[0], p[1]
	if top < 0 {
		q0 = max(q0, ceilDiv(-top, g.StrideH))
	}
	if top >= g.H {
		return 0, 0
	}
	return q0, min(q1, (g.H-1-top)/g.StrideH+1)
}

// sumPhase adds the groups in their order.
func (g *filterGrad) sumPhase() Phase {
	add, size := sumForms.Best(), g.size()
	step := ceilDiv(size, ceilDiv(size*g.groups, 1<<16))
	return Phase{
		Pieces: ceilDiv(size, step),
		Work:   size * g.groups / 8,
		Run: func(a *Args, piece int, _ Memory) {
			from, to := piece*step, min(size, (piece+1)*step)
			add(a.Out[0].F32()[from:to], a.Shared.F32()[from:], size, g.groups)
		},
	}
}
