package kernel

// GatherAxis is one axis of what a gather gives. X, Y and Index are how many
// elements lie between neighbours along it in the source, in the result and in
// the indices.
type GatherAxis struct {
	Size, X, Y, Index int
	Alone             bool // neighbours lie at different places of the source
}

// GatherIndex is one number of an index: how far in the source it leads, and the
// largest that is allowed. Numbers outside of [0, Limit] are moved to its ends.
type GatherIndex struct{ Stride, Limit int }

// GatherSpec says where the elements of y lie in x: at the sum of the place
// along every axis and of what the numbers of an index, which lie one behind the
// other, lead to.
type GatherSpec struct {
	Axes  []GatherAxis // outermost first; y is in row-major order
	Along []GatherIndex
	Wide  bool // indices are int64, otherwise int32
}

// Gather copies elements to where the spec says that they are wanted. elem is
// the bytes of an element: 1, 2, 4 or 8; it is nil for others.
//
// Operands: x, indices; result y.
func Gather(s GatherSpec, elem int) *Code {
	g := newGatherer(s)
	const pieceBytes = 64 << 10
	per := max(1, pieceBytes/(elem*g.run+8))
	var piece func(g *gatherer, a *Args, first, end int)
	switch elem {
	case 1:
		piece = gatherPiece[uint8]
	case 2:
		piece = gatherPiece[uint16]
	case 4:
		piece = gatherPiece[uint32]
	case 8:
		piece = gatherPiece[uint64]
	default:
		return nil
	}
	if g.loops*g.run == 0 {
		return &Code{}
	}
	return &Code{Phases: []Phase{{
		Pieces: ceilDiv(g.loops, per),
		Work:   g.loops*2 + g.loops*g.run*elem/8,
		Run: func(a *Args, i int, _ Memory) {
			piece(g, a, i*per, min(g.loops, (i+1)*per))
		},
	}}}
}

// gatherer is a spec with neighbouring axes merged, and the innermost that lie
// one behind the other on both sides made one run.
type gatherer struct {
	GatherSpec
	run      int
	runAlone bool // every element of a run has a place of its own
	loops    int  // runs
}

func newGatherer(s GatherSpec) *gatherer {
	g := &gatherer{GatherSpec: s, run: 1, runAlone: true, loops: 1}
	g.Axes = nil
	for _, a := range s.Axes {
		if a.Size == 1 {
			continue
		}
		if n := len(g.Axes); n > 0 {
			if o := &g.Axes[n-1]; o.X == a.X*a.Size && o.Y == a.Y*a.Size && o.Index == a.Index*a.Size && o.Alone == a.Alone {
				*o = GatherAxis{o.Size * a.Size, a.X, a.Y, a.Index, a.Alone}
				continue
			}
		}
		g.Axes = append(g.Axes, a)
	}
	for n := len(g.Axes); n > 0; n-- {
		a := g.Axes[n-1]
		if a.Index != 0 || a.X != g.run || a.Y != g.run {
			break
		}
		g.run *= a.Size
		g.runAlone = g.runAlone && a.Alone
		g.Axes = g.Axes[:n-1]
	}
	if len(g.Axes) == 0 {
		g.Axes = []GatherAxis{{Size: 1}}
	}
	for _, a := range g.Axes {
		g.loops *= a.Size
	}
	return g
}

// offsets is where a run lies.
type offsets struct{ x, y, index int }

// rows calls f for the runs [first, end), cut into rows of the innermost axis,
// whose first lies at o, with n in each.
func (g *gatherer) rows(first, end int, f func(o offsets, n int)) {
	var index [maxAxes]int
	var o offsets
	last := len(g.Axes) - 1
	for k, i := last, first; k >= 0; k-- {
		a := &g.Axes[k]
		index[k], i = i%a.Size, i/a.Size
		o = offsets{o.x + index[k]*a.X, o.y + index[k]*a.Y, o.index + index[k]*a.Index}
	}
	for first < end {
		n := min(g.Axes[last].Size-index[last], end-first)
		f(o, n)
		first += n
		index[last] += n
		a := &g.Axes[last]
		o = offsets{o.x + n*a.X, o.y + n*a.Y, o.index + n*a.Index}
		for k := last; k > 0 && index[k] == g.Axes[k].Size; k-- {
			a, b := &g.Axes[k], &g.Axes[k-1]
			o = offsets{o.x + b.X - a.Size*a.X, o.y + b.Y - a.Size*a.Y, o.index + b.Index - a.Size*a.Index}
			index[k] = 0
			index[k-1]++
		}
	}
}

func gatherPiece[T any](g *gatherer, a *Args, first, end int) {
	x, y := see[T](a.In[0]), see[T](a.Out[0])
	if g.Wide {
		ids := see[int64](a.In[1])
		g.rows(first, end, func(o offsets, n int) { gatherRow(g, x, y, ids, o, n) })
		return
	}
	ids := see[int32](a.In[1])
	g.rows(first, end, func(o offsets, n int) { gatherRow(g, x, y, ids, o, n) })
}

// gatherRow copies n runs.
func gatherRow[T any, I int32 | int64](g *gatherer, x, y []T, ids []I, o offsets, n int) {
	in := g.Axes[len(g.Axes)-1]
	if len(g.Along) != 1 {
		for range n {
			copy(y[o.y:][:g.run], x[o.x+led(g.Along, ids[o.index:]):])
			o = offsets{o.x + in.X, o.y + in.Y, o.index + in.Index}
		}
		return
	}
	stride, limit := g.Along[0].Stride, I(g.Along[0].Limit)
	if g.run > 1 {
		for range n {
			id := min(max(ids[o.index], 0), limit)
			copy(y[o.y:][:g.run], x[o.x+int(id)*stride:])
			o = offsets{o.x + in.X, o.y + in.Y, o.index + in.Index}
		}
		return
	}
	for range n {
		id := min(max(ids[o.index], 0), limit)
		y[o.y] = x[o.x+int(id)*stride]
		o = offsets{o.x + in.X, o.y + in.Y, o.index + in.Index}
	}
}

// led is how far the numbers of an index lead.
func led[I int32 | int64](along []GatherIndex, ids []I) int {
	n := 0
	for k, a := range along {
		n += int(min(max(int64(ids[k]), 0), int64(a.Limit))) * a.Stride
	}
	return n
}
