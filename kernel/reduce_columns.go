package kernel

// The rows that a piece folds onto one another: few enough for sums of float32
// to stay exact to a few units of the last place.
const chunkRows = 32

// alignColumns makes a block of whole short rows, or a row of panels.
func (r *reducer) alignColumns() {
	inner, outerSize := r.spec.Inner, r.spec.Axis*r.spec.Inner
	if inner <= blockSize {
		longest := inner
		for _, o := range r.operands {
			if o.period <= blockSize && outerSize%o.period == 0 {
				longest = max(longest, o.period)
			}
		}
		r.align(longest)
		if r.block%inner != 0 {
			r.align(inner)
		}
		r.width, r.panels = r.block, 1
		r.rows = (outerSize + r.block - 1) / r.block
	} else {
		r.width = r.block
		r.panels = (inner + r.block - 1) / r.block
		r.rows = r.spec.Axis
	}
	for k := range r.operands {
		o := &r.operands[k]
		o.once = o.once && outerSize%o.period == 0 && (r.panels == 1 || inner%o.period == 0)
	}
	r.per = min(r.rows, chunkRows*max(1, blockSize/r.block))
	r.chunks = (r.rows + r.per - 1) / r.per
}

// columnsCode takes each outer index, chunk of rows and panel apart. With
// several chunks their partial results are folded in a second phase.
func (r *reducer) columnsCode() *Code {
	all := r.spec.Outer * r.chunks * r.panels
	group := max(1, pieceBlocks*blockSize*all/r.n) // small ones together
	c := &Code{
		Local: r.columnsLocal(),
		Phases: []Phase{{
			Pieces: (all + group - 1) / group,
			Work:   r.work() + 100*all,
			Run: func(a *Args, piece int, local Memory) {
				for k := piece * group; k < min(all, piece*group+group); k++ {
					r.chunk(a.In, a.Out, a.Shared, k, local)
				}
			},
		}},
	}
	if r.chunks == 1 {
		return c
	}
	c.Shared = r.columnsShared()
	c.Phases = append(c.Phases, Phase{
		Pieces: r.merges(),
		Work:   c.Shared / 80,
		Run:    func(a *Args, piece int, _ Memory) { r.merge(a.Out, a.Shared, piece) },
	})
	return c
}

func (r *reducer) columnsLocal() int { return r.local() + 4*r.block*len(r.prog.outs) }

// columnsShared is the bytes of the partial results.
func (r *reducer) columnsShared() int {
	if r.chunks == 1 {
		return 0
	}
	return 4 * r.spec.Outer * len(r.prog.outs) * r.chunks * r.spec.Inner
}

// merges is the pieces of the second phase, 0 if there is none.
func (r *reducer) merges() int {
	if r.chunks == 1 {
		return 0
	}
	return r.spec.Outer * len(r.prog.outs)
}

// merge folds the chunks of one result of one outer index.
func (r *reducer) merge(out []Memory, shared Memory, piece int) {
	outer, k := piece/len(r.prog.outs), piece%len(r.prog.outs)
	p := at(base(shared), piece*r.chunks*r.spec.Inner)
	r.fold(p, r.chunks, r.spec.Inner)
	r.write(out, k, outer*r.spec.Inner, p, r.spec.Inner)
}

// chunk folds the rows of one piece.
func (r *reducer) chunk(in, out []Memory, shared Memory, piece int, local Memory) {
	var p frame
	panel := piece % r.panels
	chunk := piece / r.panels % r.chunks
	outer := piece / r.panels / r.chunks
	inner, outerSize := r.spec.Inner, r.spec.Axis*r.spec.Inner
	stride, width := r.block, r.block
	if r.panels > 1 {
		stride, width = inner, min(r.block, inner-panel*r.block)
	}
	first := chunk * r.per
	rows := min(r.per, r.rows-first)
	from := outer*outerSize + first*stride + panel*r.block
	r.begin(&p, in, from, from+rows*stride, local)
	acc := base(local[r.local():])
	have := 0
	for row := range rows {
		i := from + row*stride
		n := min(width, (outer+1)*outerSize-i)
		r.eval(&p, in, i, n)
		for k, o := range r.prog.outs {
			to := at(acc, k*r.block)
			if row == 0 {
				r.vec.op[opCopy](to, p.slot[o.slot], nil, nil, n)
				have = n
			} else {
				r.vec.op[r.op](to, to, p.slot[o.slot], nil, n)
			}
		}
	}
	for k := range r.prog.outs {
		to := at(acc, k*r.block)
		switch {
		case r.panels > 1:
		case inner == 1:
			*(*float32)(to) = r.vec.reduce[r.within](to, have)
			width = 1
		default:
			r.fold(to, have/inner, inner)
			width = inner
		}
		if r.chunks == 1 {
			r.write(out, k, outer*inner+panel*r.block, to, width)
			continue
		}
		into := ((outer*len(r.prog.outs)+k)*r.chunks+chunk)*inner + panel*r.block
		r.vec.op[opCopy](at(base(shared), into), to, nil, nil, width)
	}
}
