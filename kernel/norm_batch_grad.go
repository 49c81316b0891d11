package kernel

import "math"

// BatchNormGrad is the gradient of BatchNorm. With act, dy is first masked by
// y > 0; with residual, what is left of dy is written too. With
// x̂ = (x - mean)/√(variance + eps):
//
//	dbias = Σ dy    dscale = Σ dy·x̂
//	dx = scale/√(variance + eps)·(dy - dbias/rows - x̂·dscale/rows)
//
// Operands: dy [rows c], x [rows c], mean [c], variance [c], scale [c], with act
// y [rows c]; results dx [rows c], dscale [c], dbias [c], with residual
// dresidual [rows c]. dx may lie in dy or x.
func BatchNormGrad(rows, c int, eps float32, act Act, residual bool) *Code {
	if rows == 0 || c == 0 {
		return Serial(c, func(a *Args) { clear(a.Out[1]); clear(a.Out[2]) })
	}
	v := vecForms.Best()
	g := &batchNormGrad{rows: rows, c: c, eps: eps, act: act}
	g.sums = newReducer(newLoop(g.sumsSpec(), false, v), ReduceSpec{Outer: 1, Axis: rows, Inner: c})
	g.apply = newLoop(g.applySpec(residual), true, v)
	work := g.sums.work()
	code := &Code{
		Shared: 12*c + g.sums.columnsShared(),
		Local:  max(g.sums.columnsLocal(), g.apply.local()),
		Phases: []Phase{{Pieces: g.sums.chunks * g.sums.panels, Work: work, Run: g.chunk}},
	}
	if n := g.sums.merges(); n > 0 {
		code.Phases = append(code.Phases, Phase{Pieces: n, Work: g.sums.columnsShared() / 80, Run: g.merge})
	}
	code.Phases = append(code.Phases,
		Phase{Pieces: 1, Work: 4 * c, Run: g.coefficients},
		Phase{Pieces: g.apply.pieces(), Work: g.apply.work(), Run: g.run})
	return code
}

type batchNormGrad struct {
	rows, c int
	eps     float32
	act     Act
	sums    *reducer // Σ dy and Σ dy·(x - mean)
	apply   *loop
}

// masked is dy, operand 0, where y, operand k, is positive.
func masked(e *Expr, act Act, k int) Reg {
	dy := e.Load(0)
	if act == ActReLU {
		dy = e.Select(e.Lt(e.Imm(0), e.Load(k)), dy, e.Imm(0))
	}
	return dy
}

// sumsSpec has the operands dy, x, mean, y.
func (g *batchNormGrad) sumsSpec() FusedSpec {
	e := new(Expr)
	dy := masked(e, g.act, 3)
	product := e.Mul(dy, e.Sub(e.Load(1), e.Load(2)))
	full := []int{g.c, 1}
	return FusedSpec{
		Space: []int{g.rows, g.c}, In: [][]int{full, full, {0, 1}, full},
		Expr: e, Out: []Reg{dy, product},
	}
}

// applySpec has the operands dy, x, mean, y, the factor of everything, the
// share of Σ dy and the negative factor of x - mean.
func (g *batchNormGrad) applySpec(residual bool) FusedSpec {
	e := new(Expr)
	dy := masked(e, g.act, 3)
	left := e.MulAdd(e.Sub(e.Load(1), e.Load(2)), e.Load(6), e.Sub(dy, e.Load(5)))
	out := []Reg{e.Mul(left, e.Load(4))}
	if residual {
		out = append(out, dy)
	}
	full, row := []int{g.c, 1}, []int{0, 1}
	return FusedSpec{
		Space: []int{g.rows, g.c}, In: [][]int{full, full, row, full, row, row, row},
		Expr: e, Out: out,
	}
}

// The shared memory is the three coefficients of each column, then the partial
// sums. Σ dy·(x - mean) stands in the result dscale for a while.
func (g *batchNormGrad) row(a *Args, i int) Memory { return a.Shared[4*g.c*i : 4*g.c*(i+1)] }

func (g *batchNormGrad) in(a *Args) [7]Memory {
	in := [7]Memory{a.In[0], a.In[1], a.In[2], nil, g.row(a, 0), g.row(a, 1), g.row(a, 2)}
	if g.act != ActNone {
		in[3] = a.In[5]
	}
	return in
}

func (g *batchNormGrad) chunk(a *Args, piece int, local Memory) {
	in, out := g.in(a), [2]Memory{a.Out[2], a.Out[1]}
	g.sums.chunk(in[:], out[:], a.Shared[12*g.c:], piece, local)
}

func (g *batchNormGrad) merge(a *Args, piece int, _ Memory) {
	out := [2]Memory{a.Out[2], a.Out[1]}
	g.sums.merge(out[:], a.Shared[12*g.c:], piece)
}

func (g *batchNormGrad) coefficients(a *Args, _ int, _ Memory) {
	variance, scale := a.In[3].F32(), a.In[4].F32()
	dscale, dbias := a.Out[1].F32(), a.Out[2].F32()
	factor, share, slope := g.row(a, 0).F32(), g.row(a, 1).F32(), g.row(a, 2).F32()
	for j := range g.c {
		inverse := 1 / math.Sqrt(float64(variance[j])+float64(g.eps))
		product := float64(dscale[j])
		dscale[j] = float32(product * inverse)
		factor[j] = float32(float64(scale[j]) * inverse)
		share[j] = float32(float64(dbias[j]) / float64(g.rows))
		slope[j] = float32(-product * inverse * inverse / float64(g.rows))
	}
}

func (g *batchNormGrad) run(a *Args, piece int, local Memory) {
	in, out := g.in(a), [2]Memory{a.Out[0]}
	if len(a.Out) > 3 {
		out[1] = a.Out[3]
	}
	g.apply.run(in[:], out[:], piece, local)
}
