package kernel

import (
	"unsafe"

	"github.com/ihae/ihae/tensor"
)

// Combine is what a scatter makes of an element and an update for it.
type Combine uint8

// The ways to combine.
const (
	CombineUpdate Combine = iota // the update
	CombineAdd                   // the sum
	CombineMul                   // the product
	CombineMin                   // the smaller, NaN if either is NaN
	CombineMax                   // the larger, NaN if either is NaN
	numCombines
)

// Scatter is x with updates combined into it where a gather by the spec would
// take its elements, in row-major order of the updates: the same bits however
// the pieces are spread. It is nil for types that it has no arithmetic for:
// Float16 and BFloat16 can be updated only.
//
// Operands: x, indices, updates; result of x's type, which may lie in x.
func Scatter(s GatherSpec, t tensor.Type, how Combine) *Code {
	c := &scatterer{gatherer: newGatherer(s), piece: scatterPieceOf(t.DType, how)}
	if len(c.Along) == 1 && !c.Wide && how == CombineAdd {
		switch t.DType {
		case tensor.Float32:
			c.piece = adding(c.run, addRuns())
		case tensor.Float64:
			c.piece = adding(c.run, combines[float64](how))
		}
	}
	if c.piece == nil {
		return nil
	}
	n, size := t.Bytes(), t.DType.Size()
	code := &Code{Phases: []Phase{{
		Pieces: max(1, ceilDiv(n, scatterCopy)),
		Work:   n / 16,
		Run: func(a *Args, i int, _ Memory) {
			if unsafe.SliceData(a.In[0]) != unsafe.SliceData(a.Out[0]) {
				copy(a.Out[0][i*scatterCopy:min(n, (i+1)*scatterCopy)], a.In[0][i*scatterCopy:])
			}
		},
	}}}
	work := c.loops*4 + c.loops*c.run*size/4
	if work > 0 && c.loops*c.run > 0 {
		c.own(min(16, ceilDiv(work, 8<<10)))
		code.Phases = append(code.Phases, Phase{Pieces: c.pieces, Work: work, Run: func(a *Args, i int, _ Memory) {
			c.piece(c, a, i)
		}})
	}
	return code
}

// scatterCopy is the bytes that a piece copies.
const scatterCopy = 256 << 10

// scatterer cuts a scatter into pieces that own parts of the result: none of
// two pieces touches an element of the other's.
type scatterer struct {
	*gatherer
	pieces int
	axis   int // the axis that pieces are parts of; the number of axes for the run; -1 if they own a range of the first number of an index
	piece  func(s *scatterer, a *Args, i int)
}

// own chooses what pieces own: parts of an axis along which elements have
// places of their own, ranges of what the only number of an index can be, or
// parts of the runs.
func (s *scatterer) own(pieces int) {
	s.pieces, s.axis = pieces, -1
	for i, a := range s.Axes {
		if a.Alone && a.Size >= 2*pieces {
			s.axis = i
			return
		}
	}
	number := len(s.Along) == 1 // every piece looks at all indices: few pieces && s.runAlone && s.Along[0].Limit > 0
	for _, a := range s.Axes {
		number = number && (a.Alone || a.Index != 0 && a.X == 0)
	}
	switch {
	case number:
		s.pieces = min(pieces, 8, s.Along[0].Limit+1)
	case s.runAlone && s.run >= 32*pieces:
		s.axis = len(s.Axes)
	default:
		s.pieces = 1
	}
}

// part is what piece i owns: a gatherer of its updates, where they begin, and
// the range [low, high) of the first number of an index.
func (s *scatterer) part(i int) (g gatherer, o offsets, low, high int) {
	g, high = *s.gatherer, int(^uint(0)>>1)
	cut := func(n int) (from, to int) { return n * i / s.pieces, n * (i + 1) / s.pieces }
	switch {
	case s.axis == len(s.Axes):
		from, to := cut(s.run)
		g.run, o.x, o.y = to-from, from, from
	case s.axis >= 0:
		a := s.Axes[s.axis]
		from, to := cut(a.Size)
		o = offsets{from * a.X, from * a.Y, from * a.Index}
		g.Axes = append([]GatherAxis(nil), s.Axes...)
		g.Axes[s.axis].Size = to - from
		g.loops = s.loops / a.Size * (to - from)
	case s.pieces > 1:
		low, high = cut(s.Along[0].Limit + 1)
	}
	return g, o, low, high
}

// scatterPiece combines the updates of piece i, run by run.
func scatterPiece[T any](s *scatterer, a *Args, i int, combine func(to, from []T)) {
	y, u := see[T](a.Out[0]), see[T](a.In[2])
	g, base, low, high := s.part(i)
	in := g.Axes[len(g.Axes)-1]
	all := s.pieces == 1 || s.axis >= 0
	number := s.Along
	ids32, ids64 := a.In[1].I32(), a.In[1].I64()
	g.rows(0, g.loops, func(o offsets, n int) {
		o = offsets{o.x + base.x, o.y + base.y, o.index + base.index}
		for range n {
			lead := 0
			if g.Wide {
				lead = led(number, ids64[o.index:])
			} else {
				lead = led(number, ids32[o.index:])
			}
			if all || lead >= low*number[0].Stride && lead < high*number[0].Stride {
				combine(y[o.x+lead:][:g.run], u[o.y:][:g.run])
			}
			o = offsets{o.x + in.X, o.y + in.Y, o.index + in.Index}
		}
	})
}

// scatterNumber is scatterPiece for int32 indices of one number.
func scatterNumber[T number](s *scatterer, a *Args, i int, combine func(to, from []T)) {
	y, u, ids := see[T](a.Out[0]), see[T](a.In[2]), a.In[1].I32()
	g, base, low, high := s.part(i)
	if s.pieces == 1 || s.axis >= 0 {
		low, high = 0, s.Along[0].Limit+1
	}
	in := g.Axes[len(g.Axes)-1]
	stride, limit := s.Along[0].Stride, int32(s.Along[0].Limit)
	g.rows(0, g.loops, func(o offsets, n int) {
		to, from, at := o.x+base.x, o.y+base.y, o.index+base.index
		for range n {
			if id := int(min(max(ids[at], 0), limit)); id >= low && id < high {
				if combine == nil {
					y[to+id*stride] += u[from]
				} else {
					combine(y[to+id*stride:][:g.run], u[from:][:g.run])
				}
			}
			to, from, at = to+in.X, from+in.Y, at+in.Index
		}
	})
}

// adding is scatterNumber for sums, without calls where runs are single elements.
func adding[T number](run int, add func(to, from []T)) func(s *scatterer, a *Args, i int) {
	if run == 1 {
		add = nil
	}
	return func(s *scatterer, a *Args, i int) { scatterNumber(s, a, i, add) }
}
