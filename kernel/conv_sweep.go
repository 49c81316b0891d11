package kernel

import "unsafe"

// A sweep moves a filter over volumes. Output pixel (o, p, q) sums, over taps
// (e, r, s), input pixel (z0+o·sz+e·dz, y0+p·sy+r·dy, x0+q·sx+s·dx) times the
// filter's matrix [ic oc] of the tap; pixels outside the volume are zero. A
// convolution is one sweep; its gradient with respect to the input is a sweep
// for each residue of a pixel's place modulo the stride.
//
// No matrix of patches is made: the kw·ic numbers under a row of the filter are
// contiguous, so that a tile steps through them, has the filter's rows as taps,
// and neighbouring output pixels as its rows. Planes of the filter are summed
// one after another.
type sweep struct {
	form           *tileForm
	id, ih, iw, ic int
	od, oh, ow, oc int
	kd, kh, kw     int
	sz, sy, sx     int
	dz, dy, dx     int
	z0, y0, x0     int
	whole          int // elements between pixels of input
	pixel          int // the same as the tiles see them: fewer in copies of some channels
	blockAt        int // the first channel of such copies
	inAt           int // channel of the first
	filterRow      int // elements between rows of the filter
	filterAt       int // column of the first
	outAt          int // element of the first output pixel in a volume
	outRow, outCol int // elements between rows and between pixels
	outPlane       int // elements between planes
	outImage       int // elements of a volume
	bias           bool
	join           int // the number of the residual operand, 0 if none
	act            Act

	tail          int  // columns of the last pixel of a row if not oc; see fold
	direct        bool // the channels of a panel are not copied
	cols          int  // of output at a time
	width, panels int
	packed        bool // the filter lies in Shared, in panels, from element at
	ready         bool // the same, but in the operand itself: see Ahead
	at            int
	span          int     // columns of input under a row of output
	padded        bool    // rows must be copied between zeros
	kept          bool    // the copies that the sweep before made serve this one
	k, aCol       int     // steps of a tap, and bytes between them
	rows          int     // of the filter at a time, so that their part of a panel stays in cache
	rowTaps       int     // taps of the tile for a row of the filter
	taps          []int64 // offsets for all rows of the filter
}

// place lays out the filter, in c.Shared if packed, and prepares the taps.
func (w *sweep) place(packed bool, c *Code) {
	w.form = w.form.narrow(w.oc)
	w.width = w.form.width(w.oc)
	w.panels = ceilDiv(w.oc, w.width)
	if packed {
		w.packed, w.at = true, c.Shared/4
		c.Shared += 4 * w.panels * w.depth() * w.width
	}
	w.rows, w.rowTaps, w.cols = max(w.kh, 1), 1, w.block()
	if w.steps() == 0 {
		w.cols = w.ow
		return
	}
	w.span = (w.ow-1)*w.sx + (w.kw-1)*w.dx + 1
	if w.byPanel() {
		w.pixel = w.width
	}
	w.padded = w.x0 < 0 || w.x0+w.span > w.iw || w.pixel < w.whole
	row := w.iw * w.pixel
	if w.padded {
		row = w.span * w.pixel
	}
	if panel := 4 * w.steps() * w.width; panel > panelLimit {
		w.rows = max(w.kh*panelLimit/panel, 1)
	}
	switch {
	case w.form.along:
		w.k, w.aCol = w.kw, 4*w.dx*w.pixel
	case w.dx == 1 && w.pixel == w.ic:
		w.k, w.aCol = w.kw*w.ic, 4
	default:
		w.k, w.aCol, w.rowTaps = w.ic, 4, w.kw
	}
	for r := range w.kh {
		for s := range w.rowTaps {
			w.taps = append(w.taps, int64(4*(r*w.dy*row+s*w.dx*w.pixel)))
		}
	}
}

// byPanel says whether a sweep of channels apart copies those of each panel.
func (w *sweep) byPanel() bool { return w.form.along && w.panels > 1 && w.whole > 64 && !w.direct }

// groups are the sweeps of w, which has the channels of all groups, for each.
func (w sweep) groups(n int, depthwise bool) []*sweep {
	if depthwise {
		w.form = alongForm(w.form)
		w.ic = 1
		return w.columns()
	}
	all := make([]*sweep, n)
	w.ic, w.oc = w.ic/n, w.oc/n
	// Copies of a group's channels alone pay where these are neither few nor many.
	apart := w.ic > 4 && w.ic < 16 && w.whole > 64
	if apart {
		w.pixel = w.ic
	}
	for g := range all {
		v := w
		v.inAt, v.outAt, v.filterAt, v.kept = g*w.ic, w.outAt+g*w.oc, g*w.oc, g > 0 && w.kd == 1
		if apart {
			v.inAt, v.blockAt, v.kept = 0, v.inAt, false
		}
		all[g] = &v
	}
	return all
}

// steps is the rows of a plane of the filter as a matrix, depth those of all.
func (w *sweep) steps() int { return w.kh * w.kw * w.ic }
func (w *sweep) depth() int { return w.kd * w.steps() }

// packPhase packs the filters of sweeps of the same sizes.
func packPhase(all []*sweep) Phase {
	w := all[0]
	pk := &packing{k: w.depth(), n: w.oc, width: w.width, row: w.filterRow, col: 1}
	step := ceilDiv(pk.k, ceilDiv(pk.k, 256))
	chunks := ceilDiv(pk.k, step)
	each := w.panels * chunks
	return Phase{
		Pieces: len(all) * each,
		Work:   len(all) * pk.k * pk.n / 4,
		Run: func(a *Args, piece int, _ Memory) {
			w, p, chunk := all[piece/each], piece%each/chunks, piece%chunks
			dst := floats(a.Shared, w.at+p*pk.k*w.width)
			pk.panel(dst, floats(a.In[1], w.filterAt), p*w.width, chunk*step, min(pk.k, (chunk+1)*step))
		},
	}
}

// inputRows are the rows of the image under output rows p0…p1.
func (w *sweep) inputRows(p0, p1 int) (from, to int) {
	return max(w.y0+p0*w.sy, 0), min(w.y0+(p1-1)*w.sy+(w.kh-1)*w.dy+1, w.ih)
}

// sweepPhase adds to c the phase that runs all sweeps over n volumes. No sweep
// has more planes than the first.
func sweepPhase(c *Code, n int, all []*sweep) {
	planes := n * all[0].od
	cut := cutSweeps(planes, all)
	work := 0
	for _, w := range all {
		work += w.form.time(n * w.od * w.flops())
	}
	c.Local = max(c.Local, scratch(all, cut.strips))
	each := cut.strips * cut.parts
	c.Phases = append(c.Phases, Phase{
		Pieces: ceilDiv(planes, cut.images) * each,
		Work:   work,
		Run: func(a *Args, piece int, local Memory) {
			first, strip, part := piece/each*cut.images, piece%each/cut.parts, piece%cut.parts
			for plane := first; plane < min(planes, first+cut.images); plane++ {
				for _, w := range all {
					r := region{
						n: plane / all[0].od, z: plane % all[0].od,
						y0: strip * w.oh / cut.strips, y1: (strip + 1) * w.oh / cut.strips,
						p0: part * w.panels / cut.parts, p1: (part + 1) * w.panels / cut.parts,
					}
					w.run(a, local, &r)
				}
			}
		},
	})
}

// A region is rows y0…y1 and panels p0…p1 of plane z of volume n of the output.
type region struct{ n, z, y0, y1, p0, p1 int }

// run computes a region, one plane of the filter after another: those that lie
// on the volume.
func (w *sweep) run(a *Args, local Memory, at *region) {
	if at.z >= w.od {
		return
	}
	e0, e1 := validTaps(w.z0+at.z*w.sz, w.kd, w.dz, w.id)
	if e0 >= e1 || w.steps() == 0 {
		w.empty(a, at)
		return
	}
	for e := e0; e < e1; e++ {
		w.plane(a, local, at, e, ends{e == e0, e == e1-1})
	}
}

// ends says whether a sum begins and whether it is complete.
type ends struct{ first, last bool }

// empty is a region without terms.
func (w *sweep) empty(a *Args, at *region) {
	t := tile{form: w.form, cRow: 4 * w.outCol}
	for p := at.p0; p < at.p1; p++ {
		t.setCols(min(w.width, w.oc-p*w.width))
		for y := at.y0; y < at.y1; y++ {
			w.aim(&t, a, at, y, 0, p)
			w.flag(&t, 0, w.kh, ends{true, true})
			t.a = nil
			w.row(&t, 0)
		}
	}
}

// ground is what lies under a plane of the filter: the input, or a copy of its rows.
type ground struct {
	src  Memory
	base int // element under the first row and column of output
	row  int // elements between rows
	e    int // the plane of the filter
	end  ends
}

// plane adds what plane e of the filter gives to a region.
func (w *sweep) plane(a *Args, local Memory, at *region, e int, end ends) {
	from, to := w.inputRows(at.y0, at.y1)
	g := ground{src: a.In[0], row: w.iw * w.whole, e: e, end: end}
	plane := (at.n*w.id + w.z0 + at.z*w.sz + e*w.dz) * w.ih * g.row
	g.base = plane + w.x0*w.whole + w.inAt
	image, byPanel := a.In[0].F32()[plane:], w.byPanel()
	if w.padded {
		if !w.kept && !byPanel {
			w.copyRows(local.F32(), image, from, to, w.blockAt)
		}
		g.src, g.row = local, w.span*w.pixel
		g.base = -from*g.row + w.inAt
	}
	t := tile{form: w.form, aRow: 4 * w.sx * w.pixel, aCol: w.aCol, cRow: 4 * w.outCol, k: w.k}
	for p := at.p0; p < at.p1; p++ {
		t.setCols(min(w.width, w.oc-p*w.width))
		if byPanel {
			w.copyRows(local.F32(), image, from, to, p*w.width)
		}
		for q := 0; q < w.ow; q += w.cols {
			w.columnsOf(&t, a, at, &g, p, q)
		}
	}
}

// columnsOf adds what a plane of the filter gives to the columns from q on of a
// region's rows, in panel p.
func (w *sweep) columnsOf(t *tile, a *Args, at *region, g *ground, p, q int) {
	base := g.base
	if w.form.along && !w.byPanel() {
		base += p * w.width
	}
	for r := 0; r < w.kh; r += w.rows {
		for y := at.y0; y < at.y1; y++ {
			r0, r1 := validTaps(w.y0+y*w.sy, w.kh, w.dy, w.ih)
			r0, r1 = max(r0, r), min(r1, r+w.rows)
			w.aim(t, a, at, y, q, p)
			w.flag(t, r, r+w.rows, g.end)
			t.a = nil
			if r0 < r1 {
				t.taps = (r1 - r0) * w.rowTaps
				t.tap = unsafe.Pointer(&w.taps[0])
				t.b = unsafe.Add(t.b, (g.e*w.kh+r0)*w.kw*w.ic*t.bRow)
				t.a = unsafe.Add(floats(g.src, base+(w.y0+y*w.sy+r0*w.dy)*g.row), q*t.aRow)
			}
			w.row(t, q)
		}
	}
}

// validTaps are the taps, of so many that far apart, that lie below size when
// the first lies at a place.
func validTaps(first, taps, apart, size int) (from, to int) {
	if first < 0 {
		from = ceilDiv(-first, apart)
	}
	if first >= size {
		return 0, 0
	}
	return from, min(taps, ceilDiv(size-first, apart))
}

// flag says what t does besides the sums over the filter's rows from r to below
// end of a plane: the first add nothing to what is there, and the last complete
// the result.
func (w *sweep) flag(t *tile, r, end int, of ends) {
	t.flags = 0
	if r > 0 || !of.first {
		t.flags = tileAdd
	}
	if end < w.kh || !of.last {
		return
	}
	t.flags |= w.act.flags()
	t.low, t.high = w.act.Low, w.act.High
	if w.bias {
		t.flags |= tileBias
	}
	if w.join != 0 {
		t.flags |= tileJoin
	}
}

// row lets t do a row of output from column q on, w.cols of it at most, whose last
// pixel may have fewer columns.
func (w *sweep) row(t *tile, q int) {
	if w.tail == 0 {
		t.pixels(min(w.cols, w.ow-q))
		return
	}
	a, c := t.a, t.c
	if w.ow > 1 {
		t.pixels(w.ow - 1)
	}
	t.c = unsafe.Add(c, (w.ow-1)*t.cRow)
	if a != nil {
		t.a = unsafe.Add(a, (w.ow-1)*t.aRow)
	}
	t.setCols(w.tail)
	t.pixels(1)
	t.setCols(w.oc)
}

// pixels does m pixels, whose sums have no terms if there is no input.
func (t *tile) pixels(m int) {
	if t.a != nil {
		t.strip(m)
	} else {
		t.blank(m)
	}
}

// aim points t at panel p of the filter and at column q of row y of the output.
func (w *sweep) aim(t *tile, a *Args, region *region, y, q, p int) {
	j := p * w.width
	switch {
	case w.steps() == 0:
		// there is no filter, and no pointer may stand behind its operand
	case w.ready:
		t.b, t.bRow = floats(a.In[1], w.at+p*w.depth()*w.width), 4*w.width
	case w.packed:
		t.b, t.bRow = floats(a.Shared, w.at+p*w.depth()*w.width), 4*w.width
	default:
		t.b, t.bRow = floats(a.In[1], w.filterAt+j), 4*w.filterRow
	}
	at := region.n*w.outImage + region.z*w.outPlane + w.outAt + y*w.outRow + q*w.outCol + j
	t.c = floats(a.Out[0], at)
	if w.bias {
		t.bias = floats(a.In[2], w.filterAt+j)
	}
	if w.join != 0 {
		t.res = floats(a.In[w.join], at)
	}
}

// blank finishes m rows of sums without terms.
func (t *tile) blank(m int) {
	for i := range m {
		switch t.flags {
		case tileAdd:
			return
		case 0:
			clear(unsafe.Slice((*float32)(unsafe.Add(t.c, i*t.cRow)), t.cols))
			continue
		}
		for j := range t.cols {
			t.finish(i, j, 0)
		}
	}
}
