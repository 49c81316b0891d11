package kernel

import (
	"math"
	"unsafe"
)

// AttentionSpec is scaled dot-product attention of Heads heads of queries, which
// share KV heads of keys and values in equal groups:
//
//	o[i] = Σ_j p[i j]·v[j],  p[i j] = exp(s[i j] - lse[i]),  s[i j] = Scale·q[i]·k[j] + mask
//
// Dao et al., "FlashAttention", NeurIPS 2022: scores live only as blocks in
// scratch. Strides are in elements; the elements of a row are contiguous.
type AttentionSpec struct {
	Batch, Heads, KV int
	L, S             int // queries, keys
	D, DV            int // elements of a query, of a value
	Scale            float32
	Causal           bool // query i sees keys 0…i+Offset alone
	Offset           int
	Q, K, V, O, G    AttentionStrides // G is of the gradient of O
	Mask             AttentionMask
	MaskStride       [4]int // along batch, heads, queries and keys
}

// AttentionStrides are the strides along batch, heads and rows.
type AttentionStrides struct{ Batch, Head, Row int }

func (s AttentionStrides) at(batch, head, row int) int {
	return batch*s.Batch + head*s.Head + row*s.Row
}

// AttentionMask is what masks hold.
type AttentionMask uint8

// Kinds of masks: none; bytes, 0 for keys that are not seen; float32 elements
// that are added to the scores.
const (
	MaskNone AttentionMask = iota
	MaskBool
	MaskFloat
)

// attentionForms are the passes over a block of scores [rows width] whose columns
// are queries; width is a multiple of 16.
var attentionForms = newFamily("attention", &attentionPasses{topPlain, expPlain, gradPlain})

type attentionPasses struct {
	// top makes top[c] the largest of itself and column c.
	top func(s unsafe.Pointer, rows, width int, top unsafe.Pointer)
	// exp puts exp(s - shift[c]) in place of s and adds it to sum[c].
	exp func(s unsafe.Pointer, rows, width int, shift, sum unsafe.Pointer)
	// grad puts p = exp(s - shift[c]) in place of s and p·(ds - delta[c]) in place of ds.
	grad func(s unsafe.Pointer, rows, width int, shift, delta, ds unsafe.Pointer)
}

const (
	attentionRows   = 64  // queries of a block, at most
	attentionKeys   = 256 // keys of a block, at most
	attentionPieces = 32  // into so many pieces at least work is cut, if it can be
)

// attention is an AttentionSpec made ready: queries are cut into chunks, one for
// each piece, and these into blocks of equal height, padded to width.
type attention struct {
	AttentionSpec
	form   *tileForm
	vec    *vecTable
	pass   *attentionPasses
	chunks int
	chunk  int // queries of a chunk
	block  int // queries of a block
	width  int // of a block of scores
	keys   int // keys of a block
}

func (s AttentionSpec) ready(groups int) *attention {
	a := &attention{AttentionSpec: s, form: tileForms.Best(), vec: vecForms.Best(), pass: attentionForms.Best()}
	rows := attentionRows
	// Half of the last block's scores are hidden; of few blocks that is much.
	if s.Causal && s.L <= 4*attentionRows {
		rows /= 2
	}
	blocks := ceilDiv(s.L, rows)
	a.block = ceilDiv(s.L, blocks)
	a.width = ceilDiv(a.block, 16) * 16
	a.chunks = min(ceilDiv(attentionPieces, s.Batch*groups), blocks)
	a.chunk = ceilDiv(blocks, a.chunks) * a.block
	a.chunks = ceilDiv(s.L, a.chunk)
	a.keys = max(ceilDiv(s.S, ceilDiv(max(s.S, 1), attentionKeys)), 1)
	return a
}

// flops is about how much one product of all queries with all keys takes.
func (a *attention) flops(depth int) int {
	n := 2 * a.Batch * a.Heads * a.L * a.S * depth
	if a.Causal && a.Offset < a.S/2 {
		n /= 2
	}
	return n
}

// Attention is the code of s.
//
// Operands: q, k, v, then the mask if there is one; results o, which is
// overwritten, and lse [Batch Heads L], 0 for queries that see no key: their o is 0.
func Attention(s AttentionSpec) *Code {
	if s.Batch*s.Heads*s.L == 0 {
		return &Code{}
	}
	a := s.ready(s.Heads)
	l := a.scratch()
	work := a.form.time(a.flops(s.D)+a.flops(s.DV)) + s.Batch*s.Heads*s.L*s.S/4
	return &Code{Local: 4 * l.size, Phases: []Phase{{
		Pieces: s.Batch * s.Heads * a.chunks,
		Work:   work,
		Run: func(args *Args, piece int, local Memory) {
			b := attentionBlock{attention: a, attentionScratch: l, args: args, local: base(local)}
			b.batch, b.head = piece/a.chunks/s.Heads, piece/a.chunks%s.Heads
			first := piece % a.chunks * a.chunk
			for i := first; i < min(s.L, first+a.chunk); i += a.block {
				b.i, b.n = i, min(a.block, s.L-i)
				b.forward()
			}
		},
	}}}
}

// forward computes o and lse of a block of queries, block by block of keys, each
// time correcting what it has to the largest score so far.
func (b *attentionBlock) forward() {
	out := floats(b.args.Out[0], b.O.at(b.batch, b.head, b.i))
	b.pack(b.at(b.qt), floats(b.args.In[0], b.Q.at(b.batch, b.head, b.i)), b.Q.Row, b.D, b.Scale)
	top, sum := f32(b.at(b.top), b.width), f32(b.at(b.sum), b.width)
	for c := range top {
		top[c], sum[c] = float32(math.Inf(-1)), 0
	}
	end := b.limit()
	for j := 0; j < end; j += b.keys {
		rows := min(b.keys, end-j)
		b.scores(j, rows)
		b.rise(j > 0, rows, out)
		b.pass.exp(b.at(b.s), rows, b.width, b.at(b.shift), b.at(b.sum))
		b.form.product(product{
			m: b.n, n: b.DV, k: rows, a: b.at(b.s), aRow: 1, aCol: b.width,
			b: floats(b.args.In[2], b.V.at(b.batch, b.kv(), j)), bRow: b.V.Row, c: out, cRow: b.O.Row, add: j > 0,
		})
	}
	b.finish(out, end == 0)
}

// rise brings the largest scores up to those of a new block of keys, and what was
// summed before down in proportion.
func (b *attentionBlock) rise(before bool, rows int, out unsafe.Pointer) {
	top, sum, shift, share := f32(b.at(b.top), b.width), f32(b.at(b.sum), b.width), f32(b.at(b.shift), b.width), f32(b.at(b.share), b.width)
	copy(share, top)
	b.pass.top(b.at(b.s), rows, b.width, b.at(b.top))
	for c, t := range top {
		if shift[c] = t; t == float32(math.Inf(-1)) {
			shift[c] = 0
		}
		share[c] -= shift[c]
	}
	if !before {
		return
	}
	b.vec.op[opExp](b.at(b.share), b.at(b.share), nil, nil, b.width)
	for c := range sum {
		sum[c] *= share[c]
	}
	b.scaleRows(out, share)
}

// finish divides the sums by the sum of their weights.
func (b *attentionBlock) finish(out unsafe.Pointer, blind bool) {
	top, sum, share := f32(b.at(b.top), b.width), f32(b.at(b.sum), b.width), f32(b.at(b.share), b.width)
	lse := b.args.Out[1].F32()[(b.batch*b.Heads+b.head)*b.L+b.i:][:b.n]
	b.vec.op[opLog](b.at(b.shift), b.at(b.sum), nil, nil, b.width)
	logs := f32(b.at(b.shift), b.width)
	for c, v := range sum[:b.n] {
		if share[c], lse[c] = 0, 0; v != 0 {
			share[c], lse[c] = 1/v, top[c]+logs[c]
		}
	}
	if blind {
		for i := range b.n {
			clear(f32(at(out, i*b.O.Row), b.DV))
		}
		return
	}
	b.scaleRows(out, share)
}

// scaleRows multiplies row i of out by factor[i].
func (b *attentionBlock) scaleRows(out unsafe.Pointer, factor []float32) {
	if b.DV == 0 {
		return
	}
	for i := range b.n {
		row := at(out, i*b.O.Row)
		b.vec.fill(b.at(b.row), factor[i], b.DV)
		b.vec.op[opMul](row, row, b.at(b.row), nil, b.DV)
	}
}
