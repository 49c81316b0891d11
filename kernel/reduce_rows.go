package kernel

// alignRows makes a block of whole rows, or, where a row is longer than a
// block, a row of blocks.
func (r *reducer) alignRows() {
	n := r.spec.Axis
	if n <= blockSize {
		r.block = max(r.target/n, 1) * n
		r.panels = 1
	} else {
		r.block = r.target
		r.panels = (n + r.target - 1) / r.target
	}
	for k := range r.operands {
		o := &r.operands[k]
		// Blocks begin at multiples of the block within a row or of whole rows.
		o.once = !o.full && r.block%o.period == 0 && (r.panels == 1 || n%o.period == 0)
	}
	r.per = max(1, pieceBlocks*blockSize/n)
	if r.panels == 1 {
		perBlock := r.block / n
		r.per = (r.per + perBlock - 1) / perBlock * perBlock
	}
}

func (r *reducer) rowsCode() *Code {
	return &Code{
		Local: r.local() + 4*r.block,
		Phases: []Phase{{
			Pieces: (r.spec.Outer + r.per - 1) / r.per,
			Work:   r.work() + 4*r.spec.Outer,
			Run: func(a *Args, piece int, local Memory) {
				if r.panels == 1 {
					r.shortRows(a, piece, local)
				} else {
					r.longRows(a, piece, local)
				}
			},
		}},
	}
}

// shortRows folds the rows of a piece, several in a block.
func (r *reducer) shortRows(a *Args, piece int, local Memory) {
	var p frame
	axis := r.spec.Axis
	first := piece * r.per
	end := min(first+r.per, r.spec.Outer)
	r.begin(&p, a.In, first*axis, end*axis, local)
	result := base(local[r.local():])
	for row := first; row < end; row += r.block / axis {
		rows := min(r.block/axis, end-row)
		r.eval(&p, a.In, row*axis, rows*axis)
		for k, o := range r.prog.outs {
			src := p.slot[o.slot]
			for j := range rows {
				*(*float32)(at(result, j)) = r.vec.reduce[r.within](at(src, j*axis), axis)
			}
			r.write(a.Out, k, row, result, rows)
		}
	}
}

// longRows folds the rows of a piece, each in several blocks, whose results are
// folded in float64.
func (r *reducer) longRows(a *Args, piece int, local Memory) {
	var p frame
	axis := r.spec.Axis
	first := piece * r.per
	end := min(first+r.per, r.spec.Outer)
	r.begin(&p, a.In, first*axis, end*axis, local)
	result := base(local[r.local():])
	var sum [maxSlots]float64
	for row := first; row < end; row++ {
		for i := 0; i < axis; i += r.block {
			n := min(r.block, axis-i)
			r.eval(&p, a.In, row*axis+i, n)
			for k, o := range r.prog.outs {
				v := float64(r.vec.reduce[r.within](p.slot[o.slot], n))
				if i > 0 {
					v = r.two(sum[k], v)
				}
				sum[k] = v
			}
		}
		for k := range r.prog.outs {
			*(*float32)(result) = float32(sum[k])
			r.write(a.Out, k, row, result, 1)
		}
	}
}

// two folds two elements.
func (r *reducer) two(a, b float64) float64 {
	switch r.within {
	case ReduceMax:
		return max(a, b)
	case ReduceMin:
		return min(a, b)
	case ReduceProd:
		return a * b
	}
	return a + b
}
