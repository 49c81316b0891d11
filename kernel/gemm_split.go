package kernel

// sumPhase adds the partial products of the chunks of K in their order and
// applies bias and activation.
func (g *gemm) sumPhase(partial int) Phase {
	size, add := g.M*g.N, sumForms.Best()
	step := max(ceilDiv(g.M, max(size*g.chunks>>14, 1)), 1)
	return Phase{
		Pieces: ceilDiv(g.M, step),
		Work:   size * g.chunks / 4,
		Run: func(a *Args, piece int, _ Memory) {
			out := a.Out[0].F32()
			for i := piece * step; i < min(g.M, (piece+1)*step); i++ {
				row := out[i*g.CRow:][:g.N]
				add(row, a.Shared[partial:].F32()[i*g.N:], size, g.chunks)
				if g.join != 0 {
					addTo(row, a.In[g.join].F32()[i*g.CRow:])
				}
				if g.Bias {
					addTo(row, a.In[2].F32())
				}
				g.Act.apply(row)
			}
		},
	}
}

// sumForms write to dst the sum of parts 0, 1, … of src, in this order; a part
// begins every stride elements.
var sumForms = newFamily("sum", sumPlain)

func sumPlain(dst, src []float32, stride, parts int) {
	copy(dst, src[:len(dst)])
	for p := 1; p < parts; p++ {
		addTo(dst, src[p*stride:])
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
	src = src[:len(dst)] // one check of bounds for the loop
	for i, v := range src {
		dst[i] += v
	}
}
