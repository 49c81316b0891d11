package kernel

import "math"

// LayerNorm normalises every row by its mean and variance (Ba, Kiros and
// Hinton, Layer Normalization, 2016): y = (x - mean)/√(variance + eps)·scale + bias.
//
// Operands: x [rows n], scale [n], bias [n]; results y [rows n], mean [rows],
// variance [rows]. y may lie in x.
func LayerNorm(rows, n int, eps float32) *Code {
	if rows == 0 || n == 0 {
		return Serial(rows, func(a *Args) { clear(a.Out[1]); clear(a.Out[2]) })
	}
	l := &layerNorm{rows: rows, n: n, eps: eps, vec: vecForms.Best(), loops: rowForms.Best(), per: rowsPerPiece(n)}
	return &Code{
		Phases: []Phase{{
			Pieces: (rows + l.per - 1) / l.per,
			Work:   rows*n/4 + 50*rows,
			Run: func(a *Args, piece int, _ Memory) {
				for r := piece * l.per; r < min(rows, piece*l.per+l.per); r++ {
					l.row(a, r)
				}
			},
		}},
	}
}

// rowsPerPiece makes pieces of about 64 KB of float32 rows of n.
func rowsPerPiece(n int) int { return max(1, pieceBlocks*blockSize/max(n, 1)) }

type layerNorm struct {
	rows, n, per int
	eps          float32
	vec          *vecTable
	loops        *rowTable
}

func (l *layerNorm) row(a *Args, r int) {
	x, y := at(base(a.In[0]), r*l.n), at(base(a.Out[0]), r*l.n)
	var sum, square float64
	for i := 0; i < l.n; i += blockSize {
		sum += float64(l.vec.reduce[ReduceSum](at(x, i), min(blockSize, l.n-i)))
	}
	mean := float32(sum / float64(l.n))
	for i := 0; i < l.n; i += blockSize {
		square += float64(l.loops.squares(at(x, i), mean, min(blockSize, l.n-i)))
	}
	variance := float32(square / float64(l.n))
	a.Out[1].F32()[r], a.Out[2].F32()[r] = mean, variance
	inverse := float32(1 / math.Sqrt(float64(variance)+float64(l.eps)))
	l.loops.affine(y, x, base(a.In[1]), base(a.In[2]), mean, inverse, l.n)
}

// LayerNormGrad is the gradient of LayerNorm. With x̂ = (x - mean)/√(variance +
// eps) and g = dy·scale:
//
//	dx = (g - Σ g/n - x̂·Σ(g·x̂)/n)/√(variance + eps)
//	dscale = Σ dy·x̂ and dbias = Σ dy over the rows
//
// Operands: dy [rows n], x [rows n], mean [rows], variance [rows], scale [n];
// results dx [rows n], dscale [n], dbias [n]. dx may not lie in an operand.
func LayerNormGrad(rows, n int, eps float32) *Code {
	if rows == 0 || n == 0 {
		return Serial(n, func(a *Args) { clear(a.Out[1]); clear(a.Out[2]) })
	}
	v := vecForms.Best()
	g := &layerNormGrad{rows: rows, n: n, eps: eps, loops: rowForms.Best(), per: rowsPerPiece(n)}
	g.columns = newReducer(newLoop(g.columnsSpec(), false, v), ReduceSpec{Outer: 1, Axis: rows, Inner: n})
	c := &Code{
		Shared: 4*rows + g.columns.columnsShared(),
		Local:  g.columns.columnsLocal(),
		Phases: []Phase{
			{Pieces: (rows + g.per - 1) / g.per, Work: rows*n/2 + 100*rows, Run: g.rowsPiece},
			{Pieces: g.columns.chunks * g.columns.panels, Work: g.columns.work(), Run: g.chunk},
		},
	}
	if m := g.columns.merges(); m > 0 {
		c.Phases = append(c.Phases, Phase{Pieces: m, Work: g.columns.columnsShared() / 80, Run: g.merge})
	}
	return c
}

type layerNormGrad struct {
	rows, n, per int
	eps          float32
	loops        *rowTable
	columns      *reducer
}

// columnsSpec has the operands dy, x, mean, 1/√(variance+eps).
func (g *layerNormGrad) columnsSpec() FusedSpec {
	e := new(Expr)
	dy := e.Load(0)
	product := e.Mul(dy, e.Mul(e.Sub(e.Load(1), e.Load(2)), e.Load(3)))
	full, row := []int{g.n, 1}, []int{1, 0}
	return FusedSpec{
		Space: []int{g.rows, g.n}, In: [][]int{full, full, row, row},
		Expr: e, Out: []Reg{product, dy},
	}
}

func (g *layerNormGrad) rowsPiece(a *Args, piece int, _ Memory) {
	for r := piece * g.per; r < min(g.rows, piece*g.per+g.per); r++ {
		g.row(a, r)
	}
}

func (g *layerNormGrad) row(a *Args, r int) {
	dy, x, dx := at(base(a.In[0]), r*g.n), at(base(a.In[1]), r*g.n), at(base(a.Out[0]), r*g.n)
	scale := base(a.In[4])
	inverse := float32(1 / math.Sqrt(float64(a.In[3].F32()[r])+float64(g.eps)))
	mean := a.In[2].F32()[r]
	a.Shared.F32()[r] = inverse
	var sum, product float64
	for i := 0; i < g.n; i += blockSize {
		s, p := g.loops.gradSums(at(dy, i), at(x, i), at(scale, i), mean, min(blockSize, g.n-i))
		sum, product = sum+float64(s), product+float64(p)
	}
	share := float32(sum / float64(g.n))
	slope := float32(-product * float64(inverse) * float64(inverse) / float64(g.n))
	g.loops.grad(dx, dy, x, scale, mean, inverse, share, slope, g.n)
}

func (g *layerNormGrad) chunk(a *Args, piece int, local Memory) {
	in := [4]Memory{a.In[0], a.In[1], a.In[2], a.Shared[:4*g.rows]}
	out := [2]Memory{a.Out[1], a.Out[2]}
	g.columns.chunk(in[:], out[:], a.Shared[4*g.rows:], piece, local)
}

func (g *layerNormGrad) merge(a *Args, piece int, _ Memory) {
	out := [2]Memory{a.Out[1], a.Out[2]}
	g.columns.merge(out[:], a.Shared[4*g.rows:], piece)
}
