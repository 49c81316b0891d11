package kernel

import "unsafe"

// QuantizedSpec is a product of bytes, c[i j] = Σ_k (a[i k] - ZeroA)·(b[k j] - ZeroB)
// in int32, which wraps around, for a [M K] and b [K N].
type QuantizedSpec struct {
	M, N, K      int
	Signed       bool // a is int8, not uint8; b is int8
	ZeroA, ZeroB int
	Scaled       bool // c is float32: the sum, rounded, times scale[j]
}

// quantizedTile is a few rows of A by one panel of B. The generator knows the
// offsets of the fields.
type quantizedTile struct {
	a, b, c    unsafe.Pointer
	steps      int            // groups along K, at least 1
	aRow, cRow int            // bytes
	start      unsafe.Pointer // *[width]int32, from which sums begin
	scales     unsafe.Pointer // *[width]float32, or nil for sums in int32
}

// quantizedForm is what a form of the tile can do. Bytes are packed as unsigned A
// and signed B, in elements of size bytes; a group of them along K lies together.
type quantizedForm struct {
	width, rows, group, size int
	pack                     func(dst, src unsafe.Pointer, row, groups int) // whole panels of bytes; may be nil
	rate                     int                                            // products a nanosecond
}

var quantizedForms = newFamily("quantized", &quantizedForm{width: 16, rows: 4, group: 4, size: 1, rate: 1})

// quantized is a QuantizedSpec made ready. Shared has the panels of B, then for
// each panel what its sums begin with and its scales, then the packed rows of A.
type quantized struct {
	QuantizedSpec
	*quantizedForm
	deep    int // K in whole groups
	panels  int
	block   int // rows of a piece
	starts  int // where in Shared, in bytes
	scales  int
	rowsAt  int  // packed rows of A
	inPlace bool // A is read where it lies
}

// Quantized is the code of s.
//
// Operands: a, b, and if s.Scaled scale [N]; result c [M N].
func Quantized(s QuantizedSpec) *Code { return quantizedIn(quantizedForms.Best(), s) }

func quantizedIn(f *quantizedForm, s QuantizedSpec) *Code {
	if s.M*s.N == 0 {
		return &Code{}
	}
	q := &quantized{QuantizedSpec: s, quantizedForm: f}
	if s.Signed {
		q.ZeroA += 128
	}
	q.deep = max(ceilDiv(s.K, q.group), 1) * q.group
	q.panels = ceilDiv(s.N, q.width)
	q.block = min(s.M, 16*q.rows)
	q.inPlace = !s.Signed && q.size == 1 && s.K == q.deep
	q.starts = q.panels * q.deep * q.width * q.size
	q.scales = q.starts + 4*q.panels*q.width
	q.rowsAt = q.scales + 4*q.panels*q.width
	down := ceilDiv(s.M, q.block)
	each := min(max((1<<21)/(q.block*q.width*q.deep), 1), q.panels) // panels of a piece
	c := &Code{Shared: q.rowsAt, Local: 4*q.width*q.rows + q.deep*q.size}
	c.Phases = []Phase{{Pieces: q.panels, Work: s.K * s.N / 8, Run: q.packPanel}}
	if !q.inPlace {
		c.Shared += s.M * q.deep * q.size
		c.Phases = append(c.Phases, Phase{Pieces: down, Work: s.M * s.K / 4, Run: q.packRows})
	}
	c.Phases = append(c.Phases, Phase{
		Pieces: down * ceilDiv(q.panels, each), Work: s.M * s.N * s.K / q.rate,
		Run: func(a *Args, piece int, local Memory) {
			p := piece / down * each
			q.rowsAndPanels(a, local, piece%down*q.block, p, min(q.panels, p+each))
		},
	})
	return c
}

// packPanel packs panel p of B and finds what its sums begin with, so that they
// end as those of a - ZeroA: -ZeroA·Σ_k (b - ZeroB); the rest of ZeroB is for
// each row to correct.
func (q *quantized) packPanel(a *Args, p int, local Memory) {
	dst, b := a.Shared[p*q.deep*q.width*q.size:][:q.deep*q.width*q.size], a.In[1]
	j, whole := p*q.width, 0
	if q.pack != nil && j+q.width <= q.N {
		if whole = q.K / q.group; whole > 0 {
			q.pack(base(dst), unsafe.Pointer(&b[j]), q.N, whole)
		}
	}
	q.packSlow(dst, b, j, whole*q.group)
	starts := unsafe.Slice((*int32)(unsafe.Pointer(&a.Shared[q.starts+4*j])), q.width)
	clear(starts)
	if q.ZeroA != 0 {
		ones := local[:q.deep*q.size]
		for k := range q.deep {
			q.put(ones, k, 1)
		}
		t := quantizedTile{a: base(ones), b: base(dst), c: unsafe.Pointer(&starts[0]), steps: q.deep / q.group, start: unsafe.Pointer(&starts[0])}
		q.run(&t, 1)
		for i := range starts {
			starts[i] = -int32(q.ZeroA) * (starts[i] - int32(q.K*q.ZeroB))
		}
	}
	if q.Scaled {
		scales := f32(unsafe.Pointer(&a.Shared[q.scales+4*j]), q.width)
		clear(scales[copy(scales, a.In[2].F32()[j:]):])
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
			for k, v := range from {
				to[k] = v ^ flip
			}
			continue
		}
		wide := unsafe.Slice((*uint16)(unsafe.Pointer(unsafe.SliceData(to))), q.deep)
		for k, v := range from {
			wide[k] = uint16(v ^ flip)
		}
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
	for at := p; at < end; at++ {
		q.panel(a, local, packed, i, rows, at)
	}
	if j := p * q.width; q.ZeroB != 0 {
		q.correct(a, packed, i, rows, j, min(end*q.width, q.N)-j)
	}
}

// panel computes the products of packed rows i… with panel p. A panel that is not
// full goes through scratch.
func (q *quantized) panel(a *Args, spare, packed Memory, i, rows, p int) {
	j, c := p*q.width, a.Out[0]
	t := quantizedTile{
		b: unsafe.Pointer(&a.Shared[p*q.deep*q.width*q.size]), steps: q.deep / q.group, aRow: q.deep * q.size,
		start: unsafe.Pointer(&a.Shared[q.starts+4*j]),
	}
	if q.Scaled && q.ZeroB == 0 {
		t.scales = unsafe.Pointer(&a.Shared[q.scales+4*j])
	}
	part := j+q.width > q.N
	for r := 0; r < rows; r += q.rows {
		n := min(q.rows, rows-r)
		t.a, t.c, t.cRow = unsafe.Pointer(&packed[r*t.aRow]), unsafe.Pointer(&c[4*((i+r)*q.N+j)]), 4*q.N
		if part {
			t.c, t.cRow = base(spare), 4*q.width
		}
		q.run(&t, n)
		for x := range n {
			if part {
				copy(c[4*((i+r+x)*q.N+j):4*(i+r+x+1)*q.N], spare[4*x*q.width:])
			}
		}
	}
}

// correct subtracts ZeroB·Σ_k a from n columns at j of rows i…, of which from has
// the packed elements, and scales them.
func (q *quantized) correct(a *Args, from Memory, i, rows, j, n int) {
	for r := range rows {
		sum := int32(0)
		for k := range q.K {
			if sum += int32(from[(r*q.deep+k)*q.size]); q.size == 2 {
				sum += int32(from[2*(r*q.deep+k)+1]) << 8
			}
		}
		row := a.Out[0][4*((i+r)*q.N+j):][:4*n]
		for c := range row.I32() {
			v := row.I32()[c] - int32(q.ZeroB)*sum
			if q.Scaled {
				row.F32()[c] = float32(v) * a.In[2].F32()[j+c]
			} else {
				row.I32()[c] = v
			}
		}
	}
}
