package kernel

import "unsafe"

// GemmSpec is the matrix product C = act(A·B + bias), with A [M K], B [K N] and
// C [M N], for each of Batch matrices (0 means 1). Strides are in elements and
// any A and B may be transposed by them; the columns of C are contiguous.
type GemmSpec struct {
	Batch, M, N, K     int
	ABatch, ARow, ACol int
	BBatch, BRow, BCol int
	CBatch, CRow       int
	Bias               bool // an operand [N] is added to each row
	Act                Act
}

// Gemm is the code of s. In: A, B and, if s.Bias, bias [N]. Out: C, which is
// overwritten.
func Gemm(s GemmSpec) *Code { return gemmIn(tileForms.Best(), s, 0) }

// A gemm is a matrix product made ready. Three things are decided from the
// sizes: whether B is used where it lies or copied into panels as wide as a
// tile; how C is cut into blocks; and whether K is cut too, because C is small
// and K long, and the partial sums then added in order.
type gemm struct {
	GemmSpec
	form   *tileForm
	width  int  // columns of a panel
	panels int  // of B
	packed bool // in Shared, by a phase of its own
	staged bool // in Local, by each piece
	ready  bool // packed into the operand itself: see Ahead
	kStep  int  // rows of B between two visits to C, so that a panel stays in cache
	chunks int  // of K that are summed apart
	kChunk int  // rows of each
	mBlock int  // rows of a block
	pBlock int  // panels of a block
	join   int  // the number of the operand that is added like bias, with C's strides; 0 if none
}

const (
	packLimit  = 64 << 20 // bytes of panels at a time
	splitFrom  = 1024     // the least K that is cut
	splitChunk = 512      // the least rows of a chunk of K
	splitMost  = 32
	panelSteps = 384
	pageBytes  = 4096
	pagedSteps = 128     // rows of a B in pages of their own that are taken at a time
	smallB     = 1 << 20 // bytes of a B that stays in the second-level cache
)

func gemmIn(f *tileForm, s GemmSpec, join int) *Code {
	s.Batch = max(s.Batch, 1)
	if s.Batch > 1 && s.BBatch == 0 && s.ABatch == s.M*s.ARow && s.CBatch == s.M*s.CRow {
		s.M, s.Batch = s.M*s.Batch, 1
	}
	if s.M <= 0 || s.N <= 0 {
		return &Code{}
	}
	if s.K <= 0 {
		return s.empty()
	}
	if d, ok := s.dotted(); ok && join == 0 {
		return d.code(f)
	}
	g := &gemm{GemmSpec: s, form: f, width: f.width(s.N), join: join}
	g.panels = ceilDiv(s.N, g.width)
	tiles := g.tiles()
	g.cut()
	if !g.inPlace(tiles) {
		g.packed, g.staged = g.chunks == 1 || s.BCol != 1, g.chunks > 1 && s.BCol == 1
	}
	g.kStep = g.steps()
	if !g.packed && !g.staged && tiles <= 2 && 4*s.BRow > pageBytes {
		g.kStep = min(g.kStep, pagedSteps)
	}
	c := g.code()
	c.Ahead = g.ahead()
	return c
}

// tiles is how many tiles stand above each other.
func (g *gemm) tiles() int { return ceilDiv(g.M, g.form.rows(min(g.N, g.width))) }

// steps is how many rows of panels are best taken at a time.
func (g *gemm) steps() int {
	if g.tiles() > 1 && g.K > 512 {
		return ceilDiv(g.K, ceilDiv(g.K, panelSteps))
	}
	return g.K
}

// ahead packs a B that is known when a program is built, nil if that is no use.
// With B ready K is not cut where C has some blocks of its own. A row or two read
// a B of near rows as fast where it lies.
func (g *gemm) ahead() *Ahead {
	if g.M <= 2 && g.BCol == 1 && 4*g.BRow < pageBytes {
		return nil
	}
	r := *g
	r.chunks, r.kChunk, r.kStep = 1, r.K, r.steps()
	blocks := ceilDiv(r.M, r.mBlock) * ceilDiv(r.panels, r.pBlock)
	bytes := g.Batch * g.panels * g.panelBytes()
	if g.chunks > 1 && blocks < 4 || bytes > packLimit {
		return nil
	}
	all := round{0, g.Batch, 0, g.panels}
	r.packed, r.staged, r.ready = false, false, true
	rest := &Code{Phases: []Phase{r.blockPhase(all, 0)}}
	return aheadOf([]Phase{g.packPhase(all)}, bytes, rest)
}

// inPlace says whether B is better read where it lies than copied into panels
// first: where few tiles read it, where its rows are short, and else unless it
// serves many tiles, of which a small B bears more. Narrow panels suffer from
// rows that are whole pages apart, since these share the same few lines of the
// caches.
func (g *gemm) inPlace(tiles int) bool {
	if g.BCol != 1 || tiles <= 2 || g.BRow <= 64 {
		return g.BCol == 1
	}
	most := 24
	if 4*g.K*g.BRow <= smallB {
		most = 64
	}
	pages := 4*g.BRow%4096 == 0 && g.width < 64
	return g.chunks == 1 && tiles <= most && !pages
}

// cut decides on the blocks of C and the chunks of K.
func (g *gemm) cut() {
	flops := 2 * g.Batch * g.M * g.N * g.K
	want := min(max(flops>>20, 1), 32)
	if g.Batch > 1 {
		want = ceilDiv(want, g.Batch)
	}
	rows := g.form.rows(min(g.N, g.width))
	g.mBlock = min(g.M, max(240/rows, 1)*rows)
	g.pBlock = min(g.panels, max(384/g.width, 1))
	blocks := func() int { return ceilDiv(g.M, g.mBlock) * ceilDiv(g.panels, g.pBlock) }
	g.cutSteps(ceilDiv(want, blocks()))
	for blocks()*g.chunks < want {
		switch wide := g.pBlock * g.width; {
		case g.pBlock > 1 && (wide >= g.mBlock || g.mBlock <= 2*rows):
			g.pBlock = ceilDiv(g.pBlock, 2)
			continue
		case g.mBlock > 2*rows:
			g.mBlock = ceilDiv(ceilDiv(g.mBlock, 2), rows) * rows
			continue
		}
		break
	}
}

// cutSteps cuts K into about want chunks if that is its longest side, so that A
// and B are read once.
func (g *gemm) cutSteps(want int) {
	g.chunks, g.kChunk = 1, g.K
	fits := g.BCol == 1 || 4*g.K*g.N <= packLimit
	if g.Batch > 1 || g.K < splitFrom || g.K < 2*max(g.M, g.N) || !fits {
		return
	}
	g.chunks = min(max(want, 1), g.K/splitChunk, splitMost)
	g.kChunk = ceilDiv(g.K, g.chunks)
	g.chunks = ceilDiv(g.K, g.kChunk)
}

// A round is a range of batches and panels whose packed panels fit in memory.
type round struct{ batch, batches, panel, panels int }

func (g *gemm) panelBytes() int { return 4 * g.K * g.width }

func (g *gemm) rounds() []round {
	if !g.packed || g.Batch*g.panels*g.panelBytes() <= packLimit {
		return []round{{0, g.Batch, 0, g.panels}}
	}
	batches := max(packLimit/(g.panels*g.panelBytes()), 1)
	panels := g.panels
	if batches == 1 {
		panels = min(g.panels, max(packLimit/g.panelBytes(), 1))
	}
	var all []round
	for b := 0; b < g.Batch; b += batches {
		for p := 0; p < g.panels; p += panels {
			all = append(all, round{b, min(batches, g.Batch-b), p, min(panels, g.panels-p)})
		}
	}
	return all
}

func (g *gemm) code() *Code {
	c := &Code{}
	if g.staged {
		c.Local = 4 * g.kStep * g.pBlock * g.width
	}
	for _, r := range g.rounds() {
		if g.packed {
			c.Shared = max(c.Shared, r.batches*r.panels*g.panelBytes())
			c.Phases = append(c.Phases, g.packPhase(r))
		}
		c.Phases = append(c.Phases, g.blockPhase(r, c.Shared))
	}
	if g.chunks > 1 {
		partial := c.Shared
		c.Shared += 4 * g.chunks * g.M * g.N
		c.Phases = append(c.Phases, g.sumPhase(partial))
	}
	return c
}

// blockPhase computes one block of C, of one chunk of K, in each piece.
// partial is where in Shared the sums of the chunks go, if there are several.
func (g *gemm) blockPhase(r round, partial int) Phase {
	down, across := ceilDiv(g.M, g.mBlock), ceilDiv(r.panels, g.pBlock)
	each := down * across
	return Phase{
		Pieces: r.batches * g.chunks * each,
		Work:   g.form.time(2 * r.batches * g.M * r.panels * g.width * g.K),
		Run: func(a *Args, piece int, local Memory) {
			batch, at := piece/each/g.chunks, piece%each
			chunk := piece / each % g.chunks
			b := gemmBlock{
				gemm: g, round: r, batch: r.batch + batch,
				i: at % down * g.mBlock, p: r.panel + at/down*g.pBlock, k: chunk * g.kChunk,
			}
			b.rows = min(g.mBlock, g.M-b.i)
			b.panels = min(g.pBlock, r.panel+r.panels-b.p)
			b.steps = min(g.kChunk, g.K-b.k)
			b.out, b.outRow, b.last = floats(a.Out[0], b.batch*g.CBatch), g.CRow, true
			if g.chunks > 1 {
				b.out = unsafe.Pointer(unsafe.SliceData(a.Shared[partial+4*chunk*g.M*g.N:]))
				b.outRow, b.last = g.N, false
			}
			b.run(a, local)
		},
	}
}

// gemmBlock is rows i…, panels p… and steps k… of one product.
type gemmBlock struct {
	*gemm
	round
	batch, i, p, k      int
	rows, panels, steps int
	out                 unsafe.Pointer // [M N] with rows outRow apart
	outRow              int
	last                bool // the sum is complete after it
}

func (b *gemmBlock) run(a *Args, local Memory) {
	t := tile{
		form: b.form, aRow: 4 * b.ARow, aCol: 4 * b.ACol, cRow: 4 * b.outRow,
		taps: 1, tap: unsafe.Pointer(&oneTap),
	}
	for done := 0; done < b.steps; done += b.kStep {
		t.k = min(b.kStep, b.steps-done)
		k, flags := b.k+done, 0
		if done > 0 {
			flags = tileAdd
		}
		if b.last && done+t.k == b.steps {
			flags |= b.epilogue()
		}
		t.flags = flags
		t.low, t.high = b.Act.Low, b.Act.High
		if b.staged {
			b.stage(a, local, k, t.k)
		}
		for p := b.p; p < b.p+b.panels; p++ {
			j := p * b.width
			t.setCols(min(b.width, b.N-j))
			t.a = floats(a.In[0], b.batch*b.ABatch+b.i*b.ARow+k*b.ACol)
			t.c = unsafe.Add(b.out, 4*(b.i*b.outRow+j))
			switch {
			case b.ready:
				t.b, t.bRow = floats(a.In[1], (b.panelAt(b.batch, p)*b.K+k)*b.width), 4*b.width
			case b.packed:
				t.b, t.bRow = floats(a.Shared, (b.panelAt(b.batch, p)*b.K+k)*b.width), 4*b.width
			case b.staged:
				t.b, t.bRow = floats(local, (p-b.p)*b.kStep*b.width), 4*b.width
			default:
				t.b, t.bRow = floats(a.In[1], b.batch*b.BBatch+k*b.BRow+j), 4*b.BRow
			}
			if flags&tileBias != 0 {
				t.bias = floats(a.In[2], j)
			}
			if flags&tileJoin != 0 {
				t.res = floats(a.In[b.join], b.batch*b.CBatch+b.i*b.CRow+j)
			}
			t.strip(b.rows)
		}
	}
}

// epilogue is what the tiles do when the sums are complete.
func (g *gemm) epilogue() int {
	flags := g.Act.flags()
	if g.Bias {
		flags |= tileBias
	}
	if g.join != 0 {
		flags |= tileJoin
	}
	return flags
}

// panelAt is the number of a panel among those packed in a round.
func (r round) panelAt(batch, panel int) int {
	return (batch-r.batch)*r.panels + panel - r.panel
}
