package kernel

// Concat puts operands behind one another: operand i is [outer sizes[i]], the
// result [outer Σ sizes], in elements of elem bytes. It is nil for elements of
// other than 1, 2, 4 or 8 bytes.
func Concat(elem, outer int, sizes []int) *Code {
	total := 0
	for _, n := range sizes {
		total += n
	}
	var parts []Phase
	offset, work := 0, 0
	for k, n := range sizes {
		c := newCopier(elem, []int{outer, n}, []int{total, 1}, []int{n, 1}, offset, 0)
		if c == nil {
			return nil
		}
		offset += n
		p := c.phase(k)
		work += p.Work
		parts = append(parts, p)
	}
	pieces := 0
	for _, p := range parts {
		pieces += p.Pieces
	}
	if pieces == 0 {
		return &Code{}
	}
	run := func(a *Args, piece int, local Memory) {
		for i := range parts {
			if piece < parts[i].Pieces {
				parts[i].Run(a, piece, local)
				return
			}
			piece -= parts[i].Pieces
		}
	}
	return &Code{Phases: []Phase{{Pieces: pieces, Work: work, Run: run}}}
}

// Pad surrounds x with value: low before and high after each axis, interior
// between neighbours. Negative low or high cut elements off. It is nil where
// StridedCopy is.
//
// Operands: x of shape shape, value one element; result of the padded shape, all
// of elem bytes.
func Pad(elem int, shape, low, high, interior []int) *Code {
	rank := len(shape)
	out, space := make([]int, rank), make([]int, rank)
	dst, src := make([]int, rank), make([]int, rank)
	total, size, dstOff, srcOff := 1, 1, 0, 0
	for i := rank - 1; i >= 0; i-- {
		step := interior[i] + 1
		out[i] = low[i] + high[i] + max(0, (shape[i]-1)*step+1)
		// Elements [first, end) stay inside.
		first := max(0, (-low[i]+step-1)/step)
		end := min(shape[i], (out[i]-low[i]+step-1)/step)
		space[i] = max(0, end-first)
		dst[i], src[i] = total*step, size
		dstOff += (low[i] + first*step) * total
		srcOff += first * size
		total *= out[i]
		size *= shape[i]
	}
	if total == 0 {
		return &Code{}
	}
	fill := newCopier(elem, []int{total}, []int{1}, []int{0}, 0, 0)
	body := newCopier(elem, space, dst, src, dstOff, srcOff)
	if fill == nil || body == nil {
		return nil
	}
	code := &Code{Phases: []Phase{fill.phase(1)}}
	if body.pieces() > 0 {
		code.Phases = append(code.Phases, body.phase(0))
	}
	return code
}

// FillBytes writes pattern again and again into a result of n bytes, which is a
// multiple of the pattern's length. It has no operands.
func FillBytes(n int, pattern []byte) *Code {
	if n == 0 {
		return &Code{}
	}
	per := max(1, (64<<10)/len(pattern)) * len(pattern)
	return &Code{Phases: []Phase{{
		Pieces: (n + per - 1) / per,
		Work:   n / 16,
		Run: func(a *Args, piece int, _ Memory) {
			d := a.Out[0][piece*per : min(n, piece*per+per)]
			for done := copy(d, pattern); done < len(d); done *= 2 {
				copy(d[done:], d[:done])
			}
		},
	}}}
}
