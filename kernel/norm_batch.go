package kernel

import (
	"math"
	"unsafe"
)

// BatchNorm normalises every column by the mean and the variance of its rows
// (Ioffe and Szegedy, Batch Normalization, 2015, algorithm 1):
//
//	y = act((x - mean)/√(variance + eps)·scale + bias + residual)
//
// The variance is the mean of the squares of what is left after subtracting the
// mean: of each chunk of rows first, the chunks are merged after Chan, Golub and
// LeVeque (1979), so a large mean does no harm.
//
// Operands: x [rows c], scale [c], bias [c], with residual residual [rows c];
// results y [rows c], mean [c], variance [c]. y may lie in x or in residual.
func BatchNorm(rows, c int, eps float32, act Act, residual bool) *Code {
	if rows == 0 || c == 0 {
		return Serial(c, func(a *Args) { clear(a.Out[1]); clear(a.Out[2]) })
	}
	v := vecForms.Best()
	b := &batchNorm{rows: rows, c: c, eps: eps, stats: newColumns(rows, c, v)}
	b.apply = newLoop(normaliseSpec(rows, c, act, residual), true, v)
	stats := b.stats
	return &Code{
		Shared: 4*c + 8*c*stats.chunks,
		Local:  max(stats.local()+4*2*stats.block, b.apply.local()),
		Phases: []Phase{
			{Pieces: stats.chunks * stats.panels, Work: rows * c / 10, Run: b.chunk},
			{Pieces: (c + mergeColumns - 1) / mergeColumns, Work: c * stats.chunks * 2, Run: b.merge},
			{Pieces: b.apply.pieces(), Work: b.apply.work(), Run: b.normalise},
		},
	}
}

// newColumns is a reducer of the columns of x [rows c] by sum.
func newColumns(rows, c int, v *vecTable) *reducer {
	e := new(Expr)
	x := e.Load(0)
	l := newLoop(FusedSpec{Space: []int{rows, c}, In: [][]int{{c, 1}}, Expr: e, Out: []Reg{x}}, false, v)
	return newReducer(l, ReduceSpec{Outer: 1, Axis: rows, Inner: c})
}

// normaliseSpec is y from x, mean, factor = scale/√(variance+eps), bias and,
// where there is one, residual.
func normaliseSpec(rows, c int, act Act, residual bool) FusedSpec {
	e := new(Expr)
	y := e.MulAdd(e.Sub(e.Load(0), e.Load(1)), e.Load(2), e.Load(3))
	in := [][]int{{c, 1}, {0, 1}, {0, 1}, {0, 1}}
	if residual {
		y = e.Add(y, e.Load(4))
		in = append(in, []int{c, 1})
	}
	if act == ActReLU {
		y = e.ReLU(y)
	}
	return FusedSpec{Space: []int{rows, c}, In: in, Expr: e, Out: []Reg{y}}
}

type batchNorm struct {
	rows, c int
	eps     float32
	stats   *reducer
	apply   *loop
}

// The shared memory is the factor of each column, then mean and sum of squares
// of each column of each chunk.
func (b *batchNorm) shared(a *Args) (factor, mean, squares unsafe.Pointer) {
	p := base(a.Shared)
	return p, at(p, b.c), at(p, b.c+b.c*b.stats.chunks)
}

// chunk finds the mean of each column of a chunk, then the sum of the squares
// of the differences from it.
func (b *batchNorm) chunk(a *Args, piece int, local Memory) {
	s := b.stats
	_, mean, squares := b.shared(a)
	panel, chunk := piece%s.panels, piece/s.panels
	stride, width, keep := s.block, s.block, b.c
	if s.panels > 1 {
		stride, width = b.c, min(s.block, b.c-panel*s.block)
		keep = width
	}
	from := chunk*s.per*stride + panel*s.block
	rows := min(s.per, s.rows-chunk*s.per)
	x, n := at(base(a.In[0]), from), b.rows*b.c-from
	acc, diff := base(local), at(base(local), s.block)
	at0 := chunk*b.c + panel*s.block
	into, size := at(mean, at0), b.chunkRows(chunk)

	have := 0
	for r := range rows {
		m := min(width, n-r*stride)
		if r == 0 {
			have = m
			s.vec.op[opCopy](acc, x, nil, nil, m)
			continue
		}
		s.vec.op[opAdd](acc, acc, at(x, r*stride), nil, m)
	}
	s.fold(acc, have/keep, keep)
	inverse := 1 / float32(size)
	s.vec.fill(diff, inverse, keep)
	s.vec.op[opMul](into, acc, diff, nil, keep)

	tile, sum := at(base(local), 2*s.block), acc
	for i := 0; i < have; i += keep {
		s.vec.op[opCopy](at(tile, i), into, nil, nil, keep)
	}
	for r := range rows {
		m := min(width, n-r*stride)
		s.vec.op[opSub](diff, at(x, r*stride), tile, nil, m)
		if r == 0 {
			s.vec.op[opMul](sum, diff, diff, nil, m)
			continue
		}
		s.vec.op[opMulAdd](sum, diff, diff, sum, m)
	}
	s.fold(sum, have/keep, keep)
	s.vec.op[opCopy](at(squares, at0), sum, nil, nil, keep)
}

// chunkRows is how many rows of x are in a chunk.
func (b *batchNorm) chunkRows(chunk int) int {
	per := b.stats.per
	if b.stats.panels == 1 {
		per *= b.stats.block / b.c
	}
	return min(per, b.rows-chunk*per)
}

// mergeColumns is the columns of a piece of merge.
const mergeColumns = 256

// merge joins the chunks of some columns, in float64.
func (b *batchNorm) merge(a *Args, piece int, _ Memory) {
	factor, mean, squares := b.shared(a)
	first := piece * mergeColumns
	width := min(mergeColumns, b.c-first)
	var mu, square [mergeColumns]float64
	for k := range b.stats.chunks {
		share := float64(b.chunkRows(k)) / float64(b.rows)
		for j, m := range f32(at(mean, k*b.c+first), width) {
			mu[j] += float64(m) * share
		}
	}
	for k := range b.stats.chunks {
		rows := float64(b.chunkRows(k))
		q := f32(at(squares, k*b.c+first), width)
		for j, m := range f32(at(mean, k*b.c+first), width) {
			d := float64(m) - mu[j]
			square[j] += float64(q[j]) + d*d*rows
		}
	}
	f, scale := f32(at(factor, first), width), a.In[1].F32()[first:]
	outMean, outVariance := a.Out[1].F32()[first:], a.Out[2].F32()[first:]
	for j := range width {
		variance := square[j] / float64(b.rows)
		outMean[j], outVariance[j] = float32(mu[j]), float32(variance)
		f[j] = float32(float64(scale[j]) / math.Sqrt(variance+float64(b.eps)))
	}
}

func (b *batchNorm) normalise(a *Args, piece int, local Memory) {
	in := [5]Memory{a.In[0], a.Out[1], a.Shared[:4*b.c], a.In[2]}
	if len(a.In) > 3 {
		in[4] = a.In[3]
	}
	out := [1]Memory{a.Out[0]}
	b.apply.run(in[:], out[:], piece, local)
}
