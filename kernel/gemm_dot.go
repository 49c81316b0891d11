package kernel

import "unsafe"

// dotForms multiply a matrix x by a vector v: dst[i·step] is the sum over k
// elements of row i of x times v. Rows are xRow elements apart and contiguous.
var dotForms = newFamily("dot", dotPlain)

func dotPlain(dst []float32, step int, x []float32, xRow int, v []float32, n int) {
	for i := range n {
		row := x[i*xRow:][:len(v)]
		var s0, s1, s2, s3 float32
		k := 0
		for ; k+4 <= len(v); k += 4 {
			r, w := row[k:k+4], v[k:k+4]
			s0 += r[0] * w[0]
			s1 += r[1] * w[1]
			s2 += r[2] * w[2]
			s3 += r[3] * w[3]
		}
		for ; k < len(v); k++ {
			s0 += row[k] * v[k]
		}
		dst[i*step] = s0 + s1 + s2 + s3
	}
}

// dots is a product with a vector or two on one side and, on the other, a
// matrix whose rows are contiguous along K: a tile would have to transpose it.
type dots struct {
	GemmSpec
	turned  bool // the vectors are B's columns, not A's rows
	vectors int
	rows    int // of the matrix
	step    int // rows of a piece
}

// dotted gives the dots of s, if that is what it is.
func (s GemmSpec) dotted() (dots, bool) {
	d := dots{GemmSpec: s, vectors: s.M, rows: s.N}
	if s.N < s.M {
		d.turned, d.vectors, d.rows = true, s.N, s.M
	}
	d.step = max(1<<15/s.K, 4)
	return d, d.vectors <= 2 && s.ACol == 1 && s.BRow == 1 && s.K >= 16
}

func (d dots) code(f *tileForm) *Code {
	pieces := ceilDiv(d.rows, d.step)
	dot := dotForms.Best()
	return &Code{Phases: []Phase{{
		Pieces: d.Batch * d.vectors * pieces,
		Work:   f.time(2 * d.Batch * d.M * d.N * d.K * 4),
		Run: func(a *Args, piece int, _ Memory) {
			at, i0 := piece/pieces, piece%pieces*d.step
			batch, vector := at/d.vectors, at%d.vectors
			n := min(d.step, d.rows-i0)
			x, y, out := a.In[0].F32()[batch*d.ABatch:], a.In[1].F32()[batch*d.BBatch:], a.Out[0].F32()[batch*d.CBatch:]
			if d.turned {
				out = out[i0*d.CRow+vector:]
				dot(out, d.CRow, x[i0*d.ARow:], d.ARow, y[vector*d.BCol:][:d.K], n)
				d.finish(a, out, d.CRow, vector, 0, n)
			} else {
				out = out[vector*d.CRow+i0:]
				dot(out, 1, y[i0*d.BCol:], d.BCol, x[vector*d.ARow:][:d.K], n)
				d.finish(a, out, 1, i0, 1, n)
			}
		},
	}}}
}

// finish applies bias and activation to n elements of out; the bias of element
// i is number j+i·dj.
func (d dots) finish(a *Args, out []float32, step, j, dj, n int) {
	for i := range n {
		v := out[i*step]
		if d.Bias {
			v += a.In[2].F32()[j+i*dj]
		}
		out[i*step] = d.Act.of(v)
	}
}

// pointer is the place of the first element.
func pointer(x []float32) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(x)) }
