package kernel

// MaxPoolGrad adds each element of dy to the place of the first largest
// element of its window; NaN is larger than all others. Windows that overlap
// add up in the order of the windows.
//
// Operands: x [N D H W C], dy [N OutD OutH OutW C]; result dx [N D H W C].
func MaxPoolGrad(s PoolSpec) *Code { return maxPoolGrad(newPool(s)) }

func maxPoolGrad(p *pool) *Code {
	step, to := p.steps()
	return p.backward(func(a *Args, i int, s stretch) {
		p.scattering().scatter(at(base(a.Out[0]), s.src), at(base(a.In[0]), s.src), at(base(a.In[1]), i),
			s.taps, s.n, s.pixels, step, to, p.C)
	})
}

// SumPoolGrad adds each element of dy to all places of its window.
//
// Operands: dy [N OutD OutH OutW C]; result dx [N D H W C].
func SumPoolGrad(s PoolSpec) *Code { return sumPoolGrad(newPool(s)) }

func sumPoolGrad(p *pool) *Code {
	step, to := p.steps()
	return p.backward(func(a *Args, i int, s stretch) {
		p.scattering().spread(at(base(a.Out[0]), s.src), at(base(a.In[0]), i), s.taps, s.n, s.pixels, step, to, p.C)
	})
}

// backward is a Code that clears dx and then lets every window write to it. A
// piece is a band of rows that no other piece writes to: a volume, or where
// windows do not overlap from row to row, the rows of some windows of an image.
func (p *pool) backward(work func(a *Args, at int, s stretch)) *Code {
	if p.inSize() == 0 {
		return &Code{}
	}
	bands, per := 1, p.oh
	if p.D == 1 && p.od == 1 && p.StrideH >= (p.KH-1)*p.DilH+1 && p.oh > 0 {
		per = rowsPerPiece(p.StrideH * p.W * p.C)
		per = min(per, p.oh)
		bands = (p.oh + per - 1) / per
	}
	return &Code{
		Local: p.local(),
		Phases: []Phase{{
			Pieces: p.N * bands,
			Work:   p.work()*2 + p.inSize()/8,
			Run: func(a *Args, piece int, local Memory) {
				n, first := piece/bands, piece%bands*per
				end := min(first+per, p.oh)
				p.clear(a.Out[0], n, first, end)
				for plane := n * p.od; plane < (n+1)*p.od; plane++ {
					for oh := first; oh < end; oh++ {
						p.row(a, plane, oh, local, work)
					}
				}
			},
		}},
	}
}

// row lets the windows of a row write.
func (p *pool) row(a *Args, plane, oh int, local Memory, work func(a *Args, at int, s stretch)) {
	for ow := 0; ow < p.ow; {
		s := p.stretch(plane, oh, ow, local)
		if s.n > 0 {
			work(a, ((plane*p.oh+oh)*p.ow+ow)*p.C, s)
		}
		ow += s.pixels
	}
}

// clear zeroes a volume whole, or the rows of an image that the window rows [first, end) own: from
// where the first begins to where the one after the last begins.
func (p *pool) clear(dx Memory, image, first, end int) {
	from, to := 0, p.D*p.H
	if first > 0 {
		from = min(max(first*p.StrideH-p.PadTop, 0), p.H)
	}
	if end < p.oh {
		to = min(max(end*p.StrideH-p.PadTop, 0), p.H)
	}
	row := 4 * p.W * p.C
	clear(dx[(image*p.D*p.H+from)*row : (image*p.D*p.H+to)*row])
}

// scattering is the form for a read, a sum and a write of each tap: one lane of
// a vector is slower than Go.
func (p *pool) scattering() *poolTable {
	if p.C < 3 {
		return &poolPlain
	}
	return p.kernel
}
