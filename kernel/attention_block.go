package kernel

import (
	endian "encoding/binary"
	"math"
	"unsafe"
)

// attentionScratch says where in a worker's scratch things lie, in elements.
type attentionScratch struct {
	qt, gt                 int // a block of queries, and of cotangents, transposed: [D width], [DV width]
	s, ds                  int // scores and their cotangents [keys width]
	top, sum, shift, share int // [width]
	row, mask              int // one row; a block of the mask
	size                   int
}

func (a *attention) scratch() (l attentionScratch) {
	take := func(n int) int {
		at := l.size
		l.size += ceilDiv(n, 16) * 16
		return at
	}
	l.qt, l.s = take(a.D*a.width), take(a.keys*a.width)
	l.top, l.sum, l.shift, l.share = take(a.width), take(a.width), take(a.width), take(a.width)
	l.row = take(max(a.D, a.DV))
	if a.Mask == MaskFloat && a.MaskStride[2] != 0 {
		l.mask = take(a.keys * a.width)
	}
	return l
}

// attentionBlock is queries i…i+n of one head, and where things lie.
type attentionBlock struct {
	*attention
	attentionScratch
	args              *Args
	local             unsafe.Pointer
	batch, head, i, n int
}

func (b *attentionBlock) at(i int) unsafe.Pointer { return at(b.local, i) }

// kv is the head of keys and values that the queries look at.
func (b *attentionBlock) kv() int { return b.head / (b.Heads / b.KV) }

// limit is the number of the first key that no query of the block sees.
func (b *attentionBlock) limit() int {
	if !b.Causal {
		return b.S
	}
	return min(max(b.i+b.n+b.Offset, 0), b.S)
}

// pack transposes rows of x into [depth width] and scales them; columns behind
// the last query are 0.
func (b *attentionBlock) pack(to, x unsafe.Pointer, row, depth int, scale float32) {
	if depth == 0 {
		return
	}
	if b.n < b.width {
		clear(f32(to, depth*b.width))
	}
	transposeForms.Best()(to, x, 4*b.width, 4*row, b.n, depth)
	if scale == 1 {
		return
	}
	b.vec.fill(b.at(b.share), scale, b.width)
	for d := range depth {
		r := at(to, d*b.width)
		b.vec.op[opMul](r, r, b.at(b.share), nil, b.width)
	}
}

// scores computes the block of scores of keys j…j+rows, one row for each key.
func (b *attentionBlock) scores(j, rows int) {
	b.form.product(product{
		m: rows, n: b.width, k: b.D,
		a: floats(b.args.In[1], b.K.at(b.batch, b.kv(), j)), aRow: b.K.Row, aCol: 1,
		b: b.at(b.qt), bRow: b.width, c: b.at(b.s), cRow: b.width,
	})
	switch b.Mask {
	case MaskBool:
		b.hide(j, rows)
	case MaskFloat:
		b.weigh(j, rows)
	}
	if b.Causal {
		b.hideFuture(j, rows)
	}
}

var negInf = float32(math.Inf(-1))

// hideFuture takes the scores of keys behind the queries.
func (b *attentionBlock) hideFuture(j, rows int) {
	for r := max(b.i+b.Offset+1-j, 0); r < rows; r++ {
		row := f32(b.at(b.s+r*b.width), b.width)
		for c := range min(j+r-b.Offset-b.i, b.n) {
			row[c] = negInf
		}
	}
}

// maskAt is the element of the mask for query i and key j of the block's head.
func (b *attentionBlock) maskAt(j int) int {
	m := b.MaskStride
	return b.batch*m[0] + b.head*m[1] + b.i*m[2] + j*m[3]
}

// hide takes the scores that a mask of bytes forbids.
func (b *attentionBlock) hide(j, rows int) {
	mask, byQuery, byKey := b.args.In[3][b.maskAt(j):], b.MaskStride[2], b.MaskStride[3]
	if byQuery == 0 {
		for r := range rows {
			if row := f32(b.at(b.s+r*b.width), b.width); mask[r*byKey] == 0 {
				for c := range row {
					row[c] = negInf
				}
			}
		}
		return
	}
	s := f32(b.at(b.s), rows*b.width)
	for c := range b.n {
		seen := mask[c*byQuery:]
		for r := 0; r < rows; r++ {
			if byKey == 1 && r+8 <= rows && endian.LittleEndian.Uint64(seen[r:]) == allSeen {
				r += 7
			} else if seen[r*byKey] == 0 {
				s[r*b.width+c] = negInf
			}
		}
	}
}

// allSeen is eight keys that a query sees.
const allSeen = 0x0101010101010101

// weigh adds a mask of float32 elements to the scores.
func (b *attentionBlock) weigh(j, rows int) {
	mask, step := floats(b.args.In[3], b.maskAt(j)), b.MaskStride
	switch {
	case step[2] == 0:
		for r := range rows {
			row := b.at(b.s + r*b.width)
			b.vec.fill(b.at(b.share), *(*float32)(at(mask, r*step[3])), b.width)
			b.vec.op[opAdd](row, row, b.at(b.share), nil, b.width)
		}
		return
	case step[3] == 1:
		transposeForms.Best()(b.at(b.mask), mask, 4*b.width, 4*step[2], b.n, rows)
	default:
		for r := range rows {
			to := f32(b.at(b.mask+r*b.width), b.n)
			for c := range to {
				to[c] = *(*float32)(at(mask, r*step[3]+c*step[2]))
			}
		}
	}
	for r := range rows {
		row := b.at(b.s + r*b.width)
		b.vec.op[opAdd](row, row, b.at(b.mask+r*b.width), nil, b.n)
	}
}

// product is C = A·B, or C + A·B with add: A [m k] by strides, B [k n] and C
// [m n] with contiguous rows; strides are in elements.
type product struct {
	m, n, k    int
	a          unsafe.Pointer
	aRow, aCol int
	b          unsafe.Pointer
	bRow       int
	c          unsafe.Pointer
	cRow       int
	add        bool
}

func (f *tileForm) product(p product) {
	switch {
	case p.m == 0 || p.n == 0:
		return
	case p.k == 0:
		for i := range p.m {
			if !p.add {
				clear(f32(at(p.c, i*p.cRow), p.n))
			}
		}
		return
	}
	t := tile{
		form: f, k: p.k, aRow: 4 * p.aRow, aCol: 4 * p.aCol, bRow: 4 * p.bRow, cRow: 4 * p.cRow,
		taps: 1, tap: unsafe.Pointer(&oneTap),
	}
	if p.add {
		t.flags = tileAdd
	}
	width := f.width(p.n)
	for j := 0; j < p.n; j += width {
		t.setCols(min(width, p.n-j))
		t.a, t.b, t.c = p.a, at(p.b, j), at(p.c, j)
		t.strip(p.m)
	}
}
