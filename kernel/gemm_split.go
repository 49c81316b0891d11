package kernel

// sumPhase adds the partial products of the chunks of K in their order and
// applies bias and activation.
func (g *gemm) sumPhase(partial int) Phase {
	size := g.M * g.N
	step := max(ceilDiv(g.M, max(size*g.chunks>>14, 1)), 1)
	return Phase{
		Pieces: ceilDiv(g.M, step),
		Work:   size * g.chunks / 4,
		Run: func(a *Args, piece int, _ Memory) {
			parts := a.Shared[partial:].F32()
			out := a.Out[0].F32()
			for i := piece * step; i < min(g.M, (piece+1)*step); i++ {
				row := out[i*g.CRow:][:g.N]
				copy(row, parts[i*g.N:])
				for c := 1; c < g.chunks; c++ {
					addTo(row, parts[c*size+i*g.N:])
				}
				if g.Bias {
					addTo(row, a.In[2].F32())
				}
				g.Act.apply(row)
			}
		},
	}
}

// empty is the code of a product whose sums have no terms.
func (s GemmSpec) empty() *Code {
	return Serial(s.Batch*s.M*s.N, func(a *Args) {
		out := a.Out[0].F32()
		for b := range s.Batch {
			for i := range s.M {
				row := out[b*s.CBatch+i*s.CRow:][:s.N]
				clear(row)
				if s.Bias {
					addTo(row, a.In[2].F32())
				}
				s.Act.apply(row)
			}
		}
	})
}

// addTo adds src to dst.
func addTo(dst, src []float32) {
	src = src[:len(dst)]
	for i, v := range src {
		dst[i] += v
	}
}

func (a Act) apply(row []float32) {
	if a == ActReLU {
		for i, v := range row {
			row[i] = max(v, 0)
		}
	}
}
