package kernel

import "unsafe"

// packing copies a matrix [K N] into panels of width columns, each of them
// [K width] and contiguous: what the tiles then read in order. The columns
// behind the matrix in the last panel are left undefined.
type packing struct {
	k, n, width int
	row, col    int // strides of the matrix in elements
	transpose   func(dst, src unsafe.Pointer, dstRow, srcRow, rows, cols int)
}

// panel packs rows k0…k1 of the panel at column j into dst, its row 0.
func (p *packing) panel(dst, src unsafe.Pointer, j, k0, k1 int) {
	w := min(p.width, p.n-j)
	dst = unsafe.Add(dst, 4*k0*p.width)
	src = unsafe.Add(src, 4*(k0*p.row+j*p.col))
	switch {
	case p.col == 1:
		for k := range k1 - k0 {
			to := unsafe.Slice((*float32)(unsafe.Add(dst, 4*k*p.width)), w)
			copy(to, unsafe.Slice((*float32)(unsafe.Add(src, 4*k*p.row)), w))
		}
	case p.row == 1:
		p.transpose(dst, src, 4*p.width, 4*p.col, w, k1-k0)
	default:
		for k := range k1 - k0 {
			to := unsafe.Slice((*float32)(unsafe.Add(dst, 4*k*p.width)), w)
			for c := range to {
				to[c] = *(*float32)(unsafe.Add(src, 4*(k*p.row+c*p.col)))
			}
		}
	}
}

// packPhase packs the panels of round r, some rows of a panel in each piece.
func (g *gemm) packPhase(r round) Phase {
	pk := &packing{
		k: g.K, n: g.N, width: g.width, row: g.BRow, col: g.BCol,
		transpose: transposeForms.Best(),
	}
	chunks := ceilDiv(g.K, 256)
	step := ceilDiv(ceilDiv(g.K, chunks), 8) * 8
	chunks = ceilDiv(g.K, step)
	return Phase{
		Pieces: r.batches * r.panels * chunks,
		Work:   r.batches * r.panels * g.panelBytes() / 16,
		Run: func(a *Args, piece int, _ Memory) {
			at, chunk := piece/chunks, piece%chunks
			batch, p := r.batch+at/r.panels, r.panel+at%r.panels
			dst := floats(a.Shared, at*g.K*g.width)
			src := floats(a.In[1], batch*g.BBatch)
			pk.panel(dst, src, p*g.width, chunk*step, min(g.K, (chunk+1)*step))
		},
	}
}

// stage copies n rows of B from row k into panels in local, row by row, since
// that is how they lie in memory.
func (b *gemmBlock) stage(a *Args, local Memory, k, n int) {
	j0, j1 := b.p*b.width, min(b.N, (b.p+b.panels)*b.width)
	to, from := local.F32(), a.In[1].F32()[b.batch*b.BBatch+k*b.BRow:]
	for i := range n {
		for j := j0; j < j1; j += b.width {
			panel := to[(j-j0)*b.kStep+i*b.width:][:b.width]
			copy(panel, from[i*b.BRow+j:i*b.BRow+min(j+b.width, j1)])
		}
	}
}
