package kernel

import "math"

// MaxPool is the largest element of each window, -Inf where a window has none
// and NaN where one is NaN.
//
// Operands: x [N D H W C]; result [N OutD OutH OutW C].
func MaxPool(s PoolSpec) *Code { return maxPool(newPool(s)) }

func maxPool(p *pool) *Code {
	step, to := p.steps()
	return p.forward(func(a *Args, i int, s stretch) {
		y := at(base(a.Out[0]), i)
		if s.n == 0 {
			p.vec.fill(y, float32(math.Inf(-1)), p.C)
			return
		}
		p.kernel.max(y, at(base(a.In[0]), s.src), s.taps, s.n, s.pixels, step, to, p.C)
	})
}

// SumPool is the sum of each window.
//
// Operands: x [N D H W C]; result [N OutD OutH OutW C].
func SumPool(s PoolSpec) *Code { return sumPool(newPool(s)) }

func sumPool(p *pool) *Code {
	step, to := p.steps()
	return p.forward(func(a *Args, i int, s stretch) {
		y := at(base(a.Out[0]), i)
		if s.n == 0 {
			p.vec.fill(y, 0, p.C)
			return
		}
		p.kernel.sum(y, at(base(a.In[0]), s.src), s.taps, s.n, s.pixels, step, to, p.C)
	})
}

// SelectGather is, for each window, the element of g at the place of the first
// largest element of x, 0 where a window has none: the transpose of MaxPoolGrad.
//
// Operands: x [N D H W C], g [N D H W C]; result [N OutD OutH OutW C].
func SelectGather(s PoolSpec) *Code { return selectGather(newPool(s)) }

func selectGather(p *pool) *Code {
	step, to := p.steps()
	return p.forward(func(a *Args, i int, s stretch) {
		y := at(base(a.Out[0]), i)
		if s.n == 0 {
			p.vec.fill(y, 0, p.C)
			return
		}
		p.kernel.pick(y, at(base(a.In[0]), s.src), at(base(a.In[1]), s.src), s.taps, s.n, s.pixels, step, to, p.C)
	})
}
