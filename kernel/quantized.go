package kernel

import (
	le "encoding/binary"
	"unsafe"
)

// QuantizedSpec is a product of bytes, c[i j] = Σ_k (a[i k] - ZeroA)·(b[k j] - ZeroB)
// in int32, which wraps around, for a [M K] and b [K N].
type QuantizedSpec struct {
	M, N, K      int
	Signed       bool // a is int8, not uint8; b is int8
	ZeroA, ZeroB int
	Bias         bool      // a number for each column is added to the sums
	Scaled       bool      // c is float32: the sum, rounded, times scale[j]
	To           *ByteStep // c is bytes, made of what Scaled gives; nil for none
}

// ByteStep makes bytes of floats: rounded to even, moved by Zero, within Low … High.
// NaN becomes Low.
type ByteStep struct{ Zero, Low, High int }

// quantizedTile is a few rows of A by up to one panel of B. The generator knows the
// offsets of the fields.
type quantizedTile struct {
	a, b, c    unsafe.Pointer
	steps      int            // groups along K, at least 1
	aRow, cRow int            // bytes
	start      unsafe.Pointer // *[width]int32, from which sums begin
	scales     unsafe.Pointer // *[width]float32, or nil for sums in int32
	rowStart   unsafe.Pointer // *[rows]int32, which is added to them, or nil
	bytes      unsafe.Pointer // *byteLanes, or nil for floats
	mask       int            // the columns of the last vector that are written, where the form masks
}

// byteLanes is a ByteStep as vectors: zero, low and high.
type byteLanes [3][16]float32

// quantizedForm is what a form of the tile can do. Bytes are packed as unsigned A
// and signed B, in elements of size bytes; a group of them along K lies together.
type quantizedForm struct {
	width, lanes int   // columns of a panel and of a vector
	rows         []int // the most rows of a tile of so many vectors and one more
	group, size  int
	masks        bool                                           // part of a vector can be written
	pack         func(dst, src unsafe.Pointer, row, groups int) // whole panels of bytes; may be nil
	rate         int                                            // products a nanosecond
}

var quantizedForms = newFamily("quantized", &quantizedForm{width: 16, lanes: 16, rows: []int{4}, group: 4, size: 1, masks: true, rate: 1})

// quantized is a QuantizedSpec made ready. What is packed of B is its panels, one of
// ones where the sums of A's rows are wanted, then what the sums of each panel begin with.
type quantized struct {
	QuantizedSpec
	*quantizedForm
	deep    int // K in whole groups
	panels  int
	block   int  // rows of a piece
	starts  int  // where in what is packed of B, in bytes
	packed  int  // bytes of it
	ready   bool // it is operand 1: see Ahead
	rowsAt  int  // where in Shared A's packed rows are
	inPlace bool // A is read where it lies
	elem    int  // bytes of an element of C
	bytes   byteLanes
}

// maxTileRows is the most rows of a tile of any form.
const maxTileRows = 12

// Quantized is the code of s.
//
// Operands: a, b, if s.Bias int32 [N], and if s.Scaled scale [N]; result c [M N].
func Quantized(s QuantizedSpec) *Code { return quantizedIn(quantizedForms.Best(), s) }

func quantizedIn(f *quantizedForm, s QuantizedSpec) *Code {
	if s.M*s.N == 0 {
		return &Code{}
	}
	q := &quantized{QuantizedSpec: s, quantizedForm: f, elem: 4}
	if s.Signed {
		q.ZeroA += 128
	}
	if s.To != nil {
		q.elem = 1
		for k, v := range []int{s.To.Zero, s.To.Low, s.To.High} {
			for i := range q.bytes[k] {
				q.bytes[k][i] = float32(v)
			}
		}
	}
	q.deep = max(ceilDiv(s.K, q.group), 1) * q.group
	q.panels = ceilDiv(s.N, q.width)
	q.block = min(s.M, 96)
	q.inPlace = !s.Signed && q.size == 1 && s.K == q.deep
	q.starts = q.panels * q.panelBytes()
	if s.ZeroB != 0 {
		q.starts += q.panelBytes()
	}
	q.packed = q.starts + 4*q.panels*q.width
	pack := []Phase{{Pieces: q.panels, Work: s.K * s.N / 8, Run: q.packPanel}}
	if s.ZeroB != 0 {
		pack = append(pack, Phase{Pieces: 1, Work: q.panelBytes(), Run: q.packOnes})
	}
	c := q.code(pack)
	ready := *q
	ready.ready = true
	c.Ahead = aheadOf(pack, q.packed, ready.code(nil))
	c.Ahead.Prepare.Local = q.local()
	return c
}

func (q *quantized) panelBytes() int { return q.deep * q.width * q.size }

// code is the phases that are left after those of packing B.
func (q *quantized) code(pack []Phase) *Code {
	if q.rowsAt = q.packed; q.ready {
		q.rowsAt = 0
	}
	down := ceilDiv(q.M, q.block)
	each := min(max((1<<21)/(q.block*q.width*q.deep), 1), q.panels) // panels of a piece
	across := ceilDiv(q.panels, each)
	c := &Code{Shared: q.rowsAt, Local: q.local(), Phases: pack}
	if !q.inPlace {
		c.Shared += q.M * q.deep * q.size
		c.Phases = append(c.Phases[:len(pack):len(pack)], Phase{Pieces: down, Work: q.M * q.K / 8, Run: q.packRows})
	}
	c.Phases = append(c.Phases[:len(c.Phases):len(c.Phases)], Phase{
		Pieces: down * across, Work: q.M * q.N * q.K / q.rate,
		Run: func(a *Args, piece int, local Memory) {
			p := piece % across * each
			q.rowsAndPanels(a, local, piece/across*q.block, p, min(q.panels, p+each))
		},
	})
	return c
}

// local is the bytes of scratch: in elements of 4 bytes what the sums of a panel begin
// with, its scales, what is added for each row of a piece, and a tile; packing has ones
// of A in the place of all.
func (q *quantized) local() int {
	return max(4*(2*q.width+q.block+maxTileRows*q.width), q.deep*q.size)
}

// ofB is what is packed of B.
func (q *quantized) ofB(a *Args) Memory {
	if q.ready {
		return a.In[1]
	}
	return a.Shared
}

// packPanel packs panel p of B and finds what its sums begin with, so that they
// end as those of a - ZeroA: -ZeroA·Σ_k (b - ZeroB); the rest of ZeroB is for
// each row to correct.
func (q *quantized) packPanel(a *Args, p int, local Memory) {
	dst, b := a.Shared[p*q.panelBytes():][:q.panelBytes()], a.In[1]
	j, whole := p*q.width, 0
	if q.pack != nil && j+q.width <= q.N {
		if whole = q.K / q.group; whole > 0 {
			q.pack(base(dst), unsafe.Pointer(&b[j]), q.N, whole)
		}
	}
	q.packSlow(dst, b, j, whole*q.group)
	starts := a.Shared[q.starts+4*j:].I32()[:q.width]
	clear(starts)
	if q.ZeroA != 0 {
		ones := local[:q.deep*q.size]
		for k := range q.deep {
			q.put(ones, k, 1)
		}
		t := quantizedTile{
			a: base(ones), b: base(dst), c: unsafe.Pointer(&starts[0]), steps: q.deep / q.group,
			start: unsafe.Pointer(&starts[0]), mask: 1<<q.lanes - 1,
		}
		q.run(&t, 1, q.width/q.lanes)
		for i := range starts {
			starts[i] = -int32(q.ZeroA) * (starts[i] - int32(q.K*q.ZeroB))
		}
	}
}

// packOnes makes the panel by which the sums of A's rows are found.
func (q *quantized) packOnes(a *Args, _ int, _ Memory) {
	dst := a.Shared[q.panels*q.panelBytes():][:q.panelBytes()]
	for i := range q.deep * q.width {
		q.put(dst, i, 1)
	}
}

// put writes v as packed element i.
func (q *quantized) put(m Memory, i int, v int16) {
	if q.size == 1 {
		m[i] = byte(v)
		return
	}
	m[2*i], m[2*i+1] = byte(v), byte(v>>8)
}

// packSlow packs rows of B from k on; what is outside of B becomes 0.
func (q *quantized) packSlow(dst, b Memory, j, k int) {
	for ; k < q.deep; k++ {
		for c := range q.width {
			v := int16(0)
			if k < q.K && j+c < q.N {
				v = int16(int8(b[k*q.N+j+c]))
			}
			q.put(dst, (k/q.group*q.width+c)*q.group+k%q.group, v)
		}
	}
}

// packRows packs a block of rows of A as unsigned elements.
func (q *quantized) packRows(a *Args, piece int, _ Memory) {
	flip := byte(0)
	if q.Signed {
		flip = 0x80
	}
	for i := piece * q.block; i < min(q.M, (piece+1)*q.block); i++ {
		to, from := a.Shared[q.rowsAt+i*q.deep*q.size:][:q.deep*q.size], a.In[0][i*q.K:][:q.K]
		clear(to[q.K*q.size:])
		if q.size == 1 {
			flipBytes(to, from, flip)
			continue
		}
		wide := unsafe.Slice((*uint16)(unsafe.Pointer(unsafe.SliceData(to))), q.deep)
		for k, v := range from {
			wide[k] = uint16(v ^ flip)
		}
	}
}

// flipBytes is to[i] = from[i] ^ flip.
func flipBytes(to, from []byte, flip byte) {
	if flip == 0 {
		copy(to, from)
		return
	}
	all := uint64(flip) * 0x0101010101010101
	for len(from) >= 8 {
		le.LittleEndian.PutUint64(to, le.LittleEndian.Uint64(from)^all)
		to, from = to[8:], from[8:]
	}
	for i, v := range from {
		to[i] = v ^ flip
	}
}

// rowsAndPanels computes up to a block of rows of the panels p…end.
func (q *quantized) rowsAndPanels(a *Args, local Memory, i, p, end int) {
	rows := min(q.block, q.M-i)
	var packed Memory
	if q.inPlace {
		packed = a.In[0][i*q.K:]
	} else {
		packed = a.Shared[q.rowsAt+i*q.deep*q.size:]
	}
	if q.ZeroB != 0 {
		q.startRows(a, local, packed, rows)
	}
	for at := p; at < end; at++ {
		q.panel(a, local, packed, i, rows, at)
	}
}

// rowStarts is the scratch for what is added to the sums of each row.
func (q *quantized) rowStarts(local Memory) []int32 { return local.I32()[2*q.width:][:q.block] }

// tileSpace is the scratch for a tile.
func (q *quantized) tileSpace(local Memory) Memory { return local[4*(2*q.width+q.block):] }

// startRows finds -ZeroB·Σ_k a for some packed rows, by a product with ones.
func (q *quantized) startRows(a *Args, local, packed Memory, rows int) {
	starts, sums := q.rowStarts(local), q.tileSpace(local)
	clear(starts)
	zero := local.I32()[:q.lanes]
	clear(zero)
	t := quantizedTile{
		b: unsafe.Pointer(&q.ofB(a)[q.panels*q.panelBytes()]), c: base(sums), steps: q.deep / q.group,
		aRow: q.deep * q.size, cRow: 4 * q.lanes, start: unsafe.Pointer(&zero[0]), mask: 1<<q.lanes - 1,
	}
	for r := 0; r < rows; r += q.rows[0] {
		n := min(q.rows[0], rows-r)
		t.a = unsafe.Pointer(&packed[r*t.aRow])
		q.run(&t, n, 1)
		for x := range n {
			starts[r+x] = -int32(q.ZeroB) * sums.I32()[x*q.lanes]
		}
	}
}

// panel computes the products of packed rows i… with panel p. Where a form cannot
// write part of a vector, the tile goes through scratch.
func (q *quantized) panel(a *Args, local, packed Memory, i, rows, p int) {
	j := p * q.width
	cols := min(q.width, q.N-j)
	vecs := ceilDiv(cols, q.lanes)
	part := cols%q.lanes != 0 && !q.masks
	t := quantizedTile{
		b: unsafe.Pointer(&q.ofB(a)[p*q.panelBytes()]), steps: q.deep / q.group, aRow: q.deep * q.size,
		cRow: q.elem * q.N, mask: 1<<(cols-(vecs-1)*q.lanes) - 1,
	}
	q.begin(&t, a, local, j, cols)
	spare := q.tileSpace(local)
	if part {
		t.c, t.cRow = base(spare), q.elem*q.width
	}
	most := q.rows[vecs-1]
	for r := 0; r < rows; r += most {
		n := min(most, rows-r)
		t.a = unsafe.Pointer(&packed[r*t.aRow])
		to := a.Out[0][q.elem*((i+r)*q.N+j):]
		if !part {
			t.c = base(to)
		}
		if q.ZeroB != 0 {
			t.rowStart = unsafe.Pointer(&q.rowStarts(local)[r])
		}
		q.run(&t, n, vecs)
		for x := 0; part && x < n; x++ {
			copy(to[x*q.elem*q.N:][:q.elem*cols], spare[x*t.cRow:])
		}
	}
}

// begin sets what the sums of the panel at column j begin with, and what becomes of
// them.
func (q *quantized) begin(t *quantizedTile, a *Args, local Memory, j, cols int) {
	starts, next := q.ofB(a)[q.starts+4*j:].I32()[:q.width], 2
	if q.Bias {
		sums := local.I32()[:q.width]
		copy(sums, starts)
		for c, v := range a.In[2].I32()[j : j+cols] {
			sums[c] += v
		}
		starts, next = sums, 3
	}
	t.start = unsafe.Pointer(&starts[0])
	if !q.Scaled {
		return
	}
	scales := a.In[next].F32()[j:]
	if cols < q.width {
		all := local.F32()[q.width:][:q.width]
		clear(all[copy(all, scales):])
		scales = all
	}
	t.scales = unsafe.Pointer(&scales[0])
	if q.To != nil {
		t.bytes = unsafe.Pointer(&q.bytes)
	}
}
